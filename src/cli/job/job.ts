/** `lazyboss job`: creating jobs, looking at them and deciding about them. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { JobId } from "../../domain/Identifiers.ts"
import { JobStatus } from "../../domain/jobs/Job.ts"
import { argument, optionalText, reason, switchedOn } from "../input.ts"
import { connection, json, limit } from "../server/connection.ts"
import { jobArguments, jobOptions } from "./newJob.ts"

const load = Effect.promise(() => import("./jobActions.ts"))

const id = argument("id", JobId, "The job's id")
const ids = id.pipe(Argument.atLeast(1))

const create = Command.make(
  "create",
  {
    ...connection,
    ...jobArguments,
    options: {
      ...jobOptions,
      delay: optionalText("delay", "How long to wait before it is due, as in 5m"),
      runAt: optionalText("run-at", "When it is due, as in 2030-01-31T12:00:00Z"),
      project: optionalText("project", "The id of the project that it belongs to")
    },
    idempotencyKey: optionalText("idempotency-key", "The same key makes no second job, for 24 h"),
    wait: switchedOn("wait", "Wait for the end, and write the result"),
    follow: switchedOn("follow", "Write the job's log as it comes, to its end"),
    json
  },
  (given) => Effect.flatMap(load, ({ create }) => create(given))
).pipe(
  Command.withDescription("Create a job, and write its id to standard output"),
  Command.withExamples([
    {
      command: `lazyboss job create thumbnail '{"url": "https://example.org/beach.png"}'`,
      description: "Create a job"
    },
    { command: "lazyboss job create report --wait | jq .total", description: "Wait for the result" },
    { command: "lazyboss job create video - --follow < parameters.json", description: "Watch the work" }
  ])
)

const get = Command.make("get", { ...connection, id, json }, (given) =>
  Effect.flatMap(load, ({ get }) => get(given))
).pipe(Command.withDescription("Show a job"))

const follow = Command.make("follow", { ...connection, id, json }, (given) =>
  Effect.flatMap(load, ({ follow }) => follow(given))
).pipe(
  Command.withDescription(
    "Write a job's log to standard output as it comes, and how it goes to standard error; with --json all events, one a line"
  )
)

const log = Command.make("log", { ...connection, id }, (given) =>
  Effect.flatMap(load, ({ log }) => log(given))
).pipe(Command.withDescription("Write the log of all attempts at a job, as far as there is one"))

const explain = Command.make("explain", { ...connection, id, json }, (given) =>
  Effect.flatMap(load, ({ explain }) => explain(given))
).pipe(Command.withDescription("Say why a job waits, who got it and why, or how it ended"))

const list = Command.make(
  "list",
  {
    ...connection,
    conditions: {
      type: optionalText("type", "Only jobs of this type"),
      status: Flag.Literals("status", JobStatus.literals).pipe(
        Flag.withDescription("Only jobs of this status"),
        Flag.optional
      ),
      project: optionalText("project", "Only jobs of the project with this id"),
      assignee: optionalText("worker", "Only jobs that this worker has, or had when they finished"),
      tag: optionalText("tag", "Only jobs with this tag"),
      schedule: optionalText("schedule", "Only jobs that this schedule created")
    },
    limit,
    json
  },
  (given) => Effect.flatMap(load, ({ list }) => list(given))
).pipe(
  Command.withDescription("List jobs, newest first"),
  Command.withExamples([
    { command: "lazyboss job list --status failed --type thumbnail", description: "What went wrong" }
  ])
)

const cancel = Command.make("cancel", { ...connection, ids, reason, json }, (given) =>
  Effect.flatMap(load, ({ cancel }) => cancel(given))
).pipe(Command.withDescription("Cancel jobs: at once if they wait; if they run, their workers are told"))

const retry = Command.make("retry", { ...connection, ids, json }, (given) =>
  Effect.flatMap(load, ({ retry }) => retry(given))
).pipe(Command.withDescription("Make failed or cancelled jobs pending again, with fresh attempts"))

export const job = Command.make("job").pipe(
  Command.withDescription("Create jobs, look at them and decide about them"),
  Command.withSubcommands([create, get, follow, log, explain, list, cancel, retry])
)
