/** `lazyboss worker`: who is there, and the supervisor's word on them. */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Name } from "../../domain/Identifiers.ts"
import { WorkerState } from "../../domain/workers/Worker.ts"
import { argument, reason } from "../input.ts"
import { connection, json, limit } from "../server/connection.ts"

const load = Effect.promise(() => import("./workerActions.ts"))

const name = argument("name", Name, "What the worker is called")

const list = Command.make(
  "list",
  {
    ...connection,
    state: Flag.Literals("state", WorkerState.literals).pipe(
      Flag.withDescription("Only workers in this state"),
      Flag.optional
    ),
    limit,
    json
  },
  (given) => Effect.flatMap(load, ({ list }) => list(given))
).pipe(Command.withDescription("List workers by name"))

const get = Command.make("get", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ get }) => get(given))
).pipe(Command.withDescription("Show what is known of a worker"))

const decision = <const CommandName extends string>(
  command: CommandName,
  state: WorkerState,
  description: string
) =>
  Command.make(command, { ...connection, name, reason, json }, (given) =>
    Effect.flatMap(load, ({ decide }) => decide(given, state))
  ).pipe(Command.withDescription(description))

export const worker = Command.make("worker").pipe(
  Command.withDescription("Look at workers and decide about them"),
  Command.withSubcommands([
    list,
    get,
    decision("pause", "paused", "Give a worker no more jobs; it finishes what it has"),
    decision("resume", "active", "Let a worker work again that was paused or banned"),
    decision("ban", "banned", "Give a worker no more jobs, and take from it what it has, charged to nobody")
  ])
)
