/** `lazyboss top`: the dashboard. */
import { Console, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { switchedOn } from "./input.ts"
import { explain } from "./server/asking.ts"
import { connection } from "./server/connection.ts"

const settings = {
  ...connection,
  isReadOnly: switchedOn("read-only", "Change nothing, whatever the token allows"),
  once: switchedOn("once", "Print one snapshot and end; so it is where there is no terminal, too"),
  json: switchedOn("json", "With --once: as JSON")
}

// The development build of React takes twice as long and measures itself into memory that it never gives back.
const preferProductionBuild = Effect.sync(() => {
  process.env["NODE_ENV"] ??= "production"
})

const isTerminal = () => process.stdin.isTTY && process.stdout.isTTY

export const top = Command.make("top", settings, ({ isReadOnly, json, once, token, url }) =>
  Effect.gen(function* () {
    yield* preferProductionBuild
    const server = { url, token: Option.getOrUndefined(token) }
    if (once || json || !isTerminal()) {
      const { snapshot } = yield* Effect.promise(() => import("../tui/snapshot.tsx"))
      return yield* Console.log(yield* snapshot({ ...server, isJson: json }))
    }
    const { top } = yield* Effect.promise(() => import("../tui/Top.tsx"))
    yield* top({ ...server, isReadOnly })
  }).pipe(Effect.mapError((error) => explain(error, { url, token })))
).pipe(
  Command.withDescription("Watch the server, and decide about jobs and workers"),
  Command.withExamples([
    { command: "lazyboss top", description: "Watch the server on this machine" },
    { command: "lazyboss top --once --json", description: "How things stand, for a script" }
  ])
)
