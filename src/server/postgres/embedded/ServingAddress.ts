/** Where the server listens that has a data directory to itself, for whoever finds the directory locked. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option, Result } from "effect"

const fileOf = (dataDir: string) => join(dataDir, "address")

const remove = (dataDir: string) => Result.try(() => rmSync(fileOf(dataDir), { force: true }))

/** Forgets the address of one that was killed. For whoever has just locked the directory, before anything else. */
export const forget = (dataDir: string) => Effect.sync(() => remove(dataDir))

/** Writes it down as long as the scope is open. It is a help for people: that it cannot be written stops no server. */
export const announce = (dataDir: string, address: string) =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => Result.try(() => writeFileSync(fileOf(dataDir), address))),
      () => Effect.sync(() => remove(dataDir))
    )
  )

/** The address; none if whoever has the directory does not listen. */
export const find = (dataDir: string): Option.Option<string> =>
  Option.filter(Result.getSuccess(Result.try(() => readFileSync(fileOf(dataDir), "utf8").trim())), (text) =>
    URL.canParse(text)
  )
