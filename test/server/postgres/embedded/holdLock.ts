import * as Effect from "effect/Effect"
import * as DataDirectoryLock from "../../../../src/server/postgres/embedded/DataDirectoryLock.ts"

/** Says `held` and holds the lock until it is killed, or says why it has not got it. */
const [, , dataDir = ""] = process.argv
// Something to live for, until whoever started this has gone.
process.stdin.resume()

await Effect.runPromise(
  DataDirectoryLock.acquire(dataDir).pipe(
    Effect.andThen(Effect.sync(() => console.log("held"))),
    Effect.andThen(Effect.never),
    Effect.scoped,
    Effect.catch((error) => Effect.sync(() => console.log(error.message))),
    Effect.andThen(Effect.sync(() => process.exit()))
  )
)
