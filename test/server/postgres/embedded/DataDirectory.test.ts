import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import * as Effect from "effect/Effect"
import { mkdir, readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as DataDirectory from "../../../../src/server/postgres/embedded/DataDirectory.ts"
import * as DataDirectoryLock from "../../../../src/server/postgres/embedded/DataDirectoryLock.ts"
import * as ServingAddress from "../../../../src/server/postgres/embedded/ServingAddress.ts"
import * as EmbeddedPostgres from "../../../../src/server/postgres/embedded/EmbeddedPostgres.ts"
import * as Layer from "effect/Layer"
import * as ChildProgram from "./childPrograms.ts"
import { emptyDirectory, newDataDirectory } from "./dataDirectories.ts"

/** How the directory is refused. */
const refusal = (dataDir: string) => Effect.flip(Effect.scoped(DataDirectory.acquire(dataDir)))

describe("a data directory", () => {
  it.live("is made with the directories above it", () =>
    Effect.gen(function* () {
      const parent = yield* emptyDirectory
      const dataDir = join(parent, "a", "b")
      yield* Effect.scoped(DataDirectory.acquire(dataDir))
      const names = yield* Effect.promise(() => readdir(dataDir))
      assert.deepStrictEqual(names.toSorted(), ["holder.json", "lock", "postgres"])
    })
  )

  it.live("is made anew when its making was interrupted", () =>
    Effect.gen(function* () {
      const dataDir = yield* emptyDirectory
      const unfinished = join(dataDir, "postgres.new")
      yield* Effect.promise(() => mkdir(unfinished))
      yield* Effect.promise(() => writeFile(join(unfinished, "PG_VERSION"), "18\n"))
      yield* Effect.scoped(DataDirectory.acquire(dataDir))
      assert.notInclude(yield* Effect.promise(() => readdir(dataDir)), "postgres.new")
    })
  )

  it.live("forgets where a server listened that was killed", () =>
    Effect.gen(function* () {
      const dataDir = yield* emptyDirectory
      const holder = Effect.scoped(
        Effect.gen(function* () {
          yield* DataDirectory.acquire(dataDir)
          return ServingAddress.find(dataDir)
        })
      )
      yield* holder
      yield* Effect.promise(() => writeFile(join(dataDir, "address"), "http://127.0.0.1:1"))
      assert.isTrue(Option.isNone(yield* holder))
    })
  )

  it.live("is no file", () =>
    Effect.gen(function* () {
      const file = join(yield* emptyDirectory, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      assert.strictEqual((yield* refusal(file))._tag, "DataDirectoryNotADirectory")
      assert.strictEqual((yield* refusal(join(file, "below")))._tag, "DataDirectoryNotADirectory")
    })
  )

  it.live("is where a directory can be made, or it is refused", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* refusal("/proc/none/such"))._tag, "DataDirectoryNotWritable")
    })
  )

  it.live("can be written", () =>
    Effect.gen(function* () {
      const directory = yield* emptyDirectory
      yield* Effect.promise(() => mkdir(join(directory, "locked"), { mode: 0o500 }))
      // Nothing stops root but the kernel.
      const dataDir = process.getuid?.() === 0 ? "/sys/lazyboss" : join(directory, "locked", "data")
      assert.strictEqual((yield* refusal(dataDir))._tag, "DataDirectoryNotWritable")
    })
  )

  it.live("is left alone when it holds something else", () =>
    Effect.gen(function* () {
      const dataDir = yield* emptyDirectory
      yield* Effect.promise(() => writeFile(join(dataDir, "thesis.tex"), ""))
      const error = yield* refusal(dataDir)
      assert.strictEqual(error._tag, "DataDirectoryForeign")
      assert.include(error.message, "thesis.tex")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(dataDir)), ["thesis.tex"])
    })
  )

  it.live("is of this version", () =>
    Effect.gen(function* () {
      const dataDir = yield* newDataDirectory
      yield* Effect.promise(() => writeFile(join(dataDir, "postgres", "PG_VERSION"), "17\n"))
      const error = yield* refusal(dataDir)
      assert.strictEqual(error._tag, "DataDirectoryOtherVersion")
      assert.include(error.message, "was made by PostgreSQL 17")
    })
  )

  it.live("says so when its database is broken", () =>
    Effect.gen(function* () {
      const dataDir = yield* newDataDirectory
      yield* Effect.promise(() => rm(join(dataDir, "postgres", "global", "pg_control")))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(EmbeddedPostgres.layer({ dataDir }))))
      assert.strictEqual(error._tag, "DataDirectoryCorrupt")
      assert.include(error.message, "global/pg_control")
    })
  )
})

describe("the lock of a data directory", () => {
  it.live("keeps this process out too, until it is let go", () =>
    Effect.gen(function* () {
      const dataDir = yield* emptyDirectory
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* DataDirectoryLock.acquire(dataDir)
          const error = yield* Effect.flip(Effect.scoped(DataDirectoryLock.acquire(dataDir)))
          assert.strictEqual(error._tag, "DataDirectoryInUse")
          assert.include(error.message, `in use by process ${process.pid} (on `)
        })
      )
      yield* Effect.scoped(DataDirectoryLock.acquire(dataDir))
    })
  )

  it.live("is free once its holder was killed, and then goes to one only", () =>
    Effect.gen(function* () {
      const dataDir = yield* emptyDirectory
      const holder = yield* ChildProgram.start("holdLock.ts", dataDir)
      yield* holder.said(1)
      assert.deepStrictEqual(holder.lines, ["held"])
      yield* holder.kill
      const racers = yield* Effect.replicateEffect(ChildProgram.start("holdLock.ts", dataDir), 4)
      yield* Effect.forEach(racers, (racer) => racer.said(1), { concurrency: "unbounded" })
      const lines = racers.flatMap((racer) => racer.lines)
      assert.strictEqual(lines.filter((line) => line === "held").length, 1)
      assert.strictEqual(lines.filter((line) => line.includes("is in use by")).length, 3)
    })
  )
})
