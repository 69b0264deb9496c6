/** `lazyboss schedule`: jobs that are created by the clock. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Name } from "../../domain/Identifiers.ts"
import { argument, optionalText, switchedOn } from "../input.ts"
import { jobArguments, jobOptions } from "../job/newJob.ts"
import { connection, json, limit } from "../server/connection.ts"

const load = Effect.promise(() => import("./scheduleActions.ts"))

const name = argument("name", Name, "What the schedule is called")

const list = Command.make("list", { ...connection, limit, json }, (given) =>
  Effect.flatMap(load, ({ list }) => list(given))
).pipe(Command.withDescription("List schedules by name"))

const get = Command.make("get", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ get }) => get(given))
).pipe(Command.withDescription("Show a schedule and its next ticks"))

const put = Command.make(
  "put",
  {
    ...connection,
    name,
    cron: Argument.String("cron").pipe(
      Argument.withDescription(
        "Minute, hour, day, month and weekday, as in '30 4 * * mon-fri'; seconds may come first"
      )
    ),
    ...jobArguments,
    options: jobOptions,
    timeZone: optionalText("time-zone", "On whose clock, as in Europe/Berlin; UTC if not given"),
    overlap: Flag.Literals("overlap", ["allow", "skip", "replace"]).pipe(
      Flag.withDescription("What becomes of a tick while an earlier job is unfinished"),
      Flag.optional
    ),
    catchUp: Flag.Literals("catch-up", ["none", "last", "all"]).pipe(
      Flag.withDescription("Which ticks get a job after all that no server fired in time"),
      Flag.optional
    ),
    paused: switchedOn("paused", "Let it not tick yet"),
    json
  },
  (given) => Effect.flatMap(load, ({ put }) => put(given))
).pipe(
  Command.withDescription("Create a schedule, or replace all that it says"),
  Command.withExamples([
    {
      command: `lazyboss schedule put nightly '30 4 * * *' report '{"of": "yesterday"}' --time-zone Europe/Berlin`,
      description: "A report every night"
    }
  ])
)

const remove = Command.make("delete", { ...connection, name }, (given) =>
  Effect.flatMap(load, ({ remove }) => remove(given))
).pipe(Command.withDescription("Delete a schedule; its jobs stay"))

const run = Command.make("run", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ run }) => run(given))
).pipe(Command.withDescription("Create a job of the schedule now, and write its id to standard output"))

const pause = Command.make("pause", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ setPaused }) => setPaused(given, true))
).pipe(Command.withDescription("Let a schedule not tick"))

const resume = Command.make("resume", { ...connection, name, json }, (given) =>
  Effect.flatMap(load, ({ setPaused }) => setPaused(given, false))
).pipe(Command.withDescription("Let a schedule tick again"))

export const schedule = Command.make("schedule").pipe(
  Command.withDescription("Let the clock create jobs"),
  Command.withSubcommands([list, get, put, remove, run, pause, resume])
)
