/** `lazyboss policy`: the supervisor's rules. */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { Name } from "../../domain/Identifiers.ts"
import { argument, switchedOn } from "../input.ts"
import { connection, json } from "../server/connection.ts"

const load = Effect.promise(() => import("./policyActions.ts"))

const type = argument("type", Name, "The type of jobs; default is what all others extend")

const list = Command.make("list", { ...connection, json }, (given) =>
  Effect.flatMap(load, ({ list }) => list(given))
).pipe(Command.withDescription("List the policies, and what each says itself"))

const get = Command.make("get", { ...connection, type, json }, (given) =>
  Effect.flatMap(load, ({ get }) => get(given))
).pipe(Command.withDescription("Show the policy of a type as it is in force"))

const set = Command.make(
  "set",
  {
    ...connection,
    type,
    fields: Argument.String("field=value").pipe(
      Argument.withDescription("What is to hold, as in maxAttempts=3, backoff.initial=1s or pickup=null"),
      Argument.atLeast(1)
    ),
    replace: switchedOn("replace", "Let the type say nothing but this"),
    json
  },
  (given) => Effect.flatMap(load, ({ set }) => set(given))
).pipe(
  Command.withDescription("Change what a type says itself; the rest stays as it is"),
  Command.withExamples([
    {
      command: "lazyboss policy set thumbnail maxAttempts=3 lease=5m backoff.initial=1s",
      description: "Three tries"
    },
    {
      command: `lazyboss policy set mail 'rateLimit={"limit": 10, "period": "1m"}'`,
      description: "No more than that"
    }
  ])
)

const reset = Command.make("reset", { ...connection, type }, (given) =>
  Effect.flatMap(load, ({ reset }) => reset(given))
).pipe(Command.withDescription("Let a type inherit everything again"))

export const policy = Command.make("policy").pipe(
  Command.withDescription("Say how jobs of a type and their workers are treated"),
  Command.withSubcommands([list, get, set, reset])
)
