/** A server of its own in a temporary folder, as long as somebody needs it. */
import { join } from "node:path"
import { Deferred, Duration, Effect, FileSystem, Option, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { CommandError } from "../CommandError.ts"

// Its settings are none of whoever starts the demonstration.
const settings = ["DATABASE_URL", "HOST", "PORT", "LAZYBOSS_DATA_DIR", "LAZYBOSS_OPEN", "LAZYBOSS_LOG_LEVEL"]

/** Starts the server, and returns its address when it is ready. */
export const start = Effect.fnUntraced(function* (program: string, port: number) {
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "lazyboss-demo-" })
  const args = ["serve", "--port", String(port), "--data-dir", join(folder, "data"), "--log-level", "error"]
  const server = yield* ChildProcess.make(process.execPath, [program, ...args], {
    env: Object.fromEntries(settings.map((name) => [name, undefined])),
    extendEnv: true,
    stdin: "ignore",
    stderr: "inherit",
    forceKillAfter: Duration.seconds(10)
  })
  const address = yield* Deferred.make<Option.Option<string>>()
  yield* server.stdout.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.runForEach((line) => {
      const [, url] = / on (http:\/\/\S+)/.exec(line) ?? []
      return url === undefined ? Effect.void : Deferred.succeed(address, Option.some(url))
    }),
    Effect.ignore,
    Effect.andThen(Deferred.succeed(address, Option.none())),
    Effect.forkScoped
  )
  const url = yield* Deferred.await(address)
  return Option.isSome(url)
    ? url.value
    : yield* new CommandError({
        kind: "failed",
        message: `the server did not start on port ${port}: try --port 0`
      })
})
