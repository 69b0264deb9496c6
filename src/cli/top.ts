/** `lazyboss top`: the dashboard. */
import { Config, Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Text } from "./storeFlags.ts"

const settings = {
  url: Flag.String("url").pipe(
    Flag.withDescription("The server to look at (LAZYBOSS_URL)"),
    Flag.withSchema(Text),
    Flag.withFallbackConfig(Config.schema(Text, "LAZYBOSS_URL")),
    Flag.withDefault("http://127.0.0.1:8080"),
    Flag.map((url) => url.replace(/\/+$/, ""))
  ),
  token: Flag.Redacted("token").pipe(
    Flag.withDescription("The secret of a supervisor's or a client's token (LAZYBOSS_TOKEN)"),
    Flag.withFallbackConfig(Config.Redacted("LAZYBOSS_TOKEN")),
    Flag.optional
  ),
  isReadOnly: Flag.Boolean("read-only").pipe(
    Flag.withDescription("Change nothing, whatever the token allows"),
    Flag.withDefault(false)
  ),
  once: Flag.Boolean("once").pipe(
    Flag.withDescription("Print one snapshot and end; so it is where there is no terminal, too"),
    Flag.withDefault(false)
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("With --once: as JSON"), Flag.withDefault(false))
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
  })
).pipe(
  Command.withDescription("Watch the server, and decide about jobs and workers"),
  Command.withExamples([
    { command: "lazyboss top", description: "Watch the server on this machine" },
    { command: "lazyboss top --once --json", description: "How things stand, for a script" }
  ])
)
