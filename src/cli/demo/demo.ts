/** `lazyboss demo`: something to look at. */
import { Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"

const load = Effect.promise(() => import("./demonstrating.ts"))

export const demo = Command.make(
  "demo",
  {
    port: Flag.Int("port").pipe(
      Flag.withDescription("The port of the server; 0 takes a free one"),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))),
      Flag.withDefault(8080)
    )
  },
  (given) => Effect.flatMap(load, ({ demonstrate }) => demonstrate(given))
).pipe(
  Command.withDescription(
    "Run a server in a temporary folder, with workers and jobs of several kinds, until it is interrupted; nothing is left of it"
  ),
  Command.withShortDescription("Run a server with something to look at")
)
