/** `lazyboss type`: how it stands with the types of jobs, and pausing them. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Name } from "../../domain/Identifiers.ts"
import { argument } from "../input.ts"
import { connection, json } from "../server/connection.ts"

const load = Effect.promise(() => import("./typeActions.ts"))

const name = argument("type", Name, "The type of jobs")

const list = Command.make("list", { ...connection, json }, (given) =>
  Effect.flatMap(load, ({ list }) => list(given))
).pipe(Command.withDescription("List the types of jobs with their counts, the busiest first"))

const pause = Command.make("pause", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ setPaused }) => setPaused(given, true))
).pipe(Command.withDescription("Give out no jobs of a type; what runs goes on"))

const resume = Command.make("resume", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ setPaused }) => setPaused(given, false))
).pipe(Command.withDescription("Give out jobs of a type again"))

export const jobType = Command.make("type").pipe(
  Command.withDescription("Look at the types of jobs, and pause them"),
  Command.withSubcommands([list, pause, resume])
)
