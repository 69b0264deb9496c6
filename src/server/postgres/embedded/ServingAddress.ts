/** Where the server listens that has a data directory to itself, for whoever finds the directory locked. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Result } from "effect"

const fileOf = (dataDir: string) => join(dataDir, "address")

/** Writes it down as long as the scope is open. It is a help for people: that it cannot be written stops no server. */
export const announce = (dataDir: string, address: string) =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => Result.try(() => writeFileSync(fileOf(dataDir), address))),
      () => Effect.sync(() => Result.try(() => rmSync(fileOf(dataDir), { force: true })))
    )
  )

/** The address; none if the server does not listen yet. One that was killed leaves its address until the next one listens. */
export const find = (dataDir: string): Option.Option<string> =>
  Option.filter(Result.getSuccess(Result.try(() => readFileSync(fileOf(dataDir), "utf8").trim())), (text) =>
    URL.canParse(text)
  )
