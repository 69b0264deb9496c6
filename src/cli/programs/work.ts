/** `lazyboss work`: turns any program into a worker. */
import { Effect, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Name } from "../../domain/Identifiers.ts"
import { optionalText, switchedOn } from "../input.ts"
import { connection } from "../server/connection.ts"

const load = Effect.promise(() => import("./working.ts"))

/** How many programs one worker may run at a time. */
const mostAtATime = 256

const Concurrency = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: mostAtATime }, { message: `must be 1 to ${mostAtATime}` })
)

export const work = Command.make(
  "work",
  {
    ...connection,
    words: Argument.String("type").pipe(
      Argument.withDescription(
        "The types of jobs to do, which may end in *; then -- and the program with its arguments"
      ),
      Argument.atLeast(1)
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("What the worker is called; with a token its name, or NAME/INSTANCE"),
      Flag.withSchema(Name),
      Flag.optional
    ),
    skills: optionalText("skills", 'What the worker can do, as JSON: {"memoryGb": 16, "gpu": ["cuda"]}'),
    concurrency: Flag.Int("concurrency").pipe(
      Flag.withDescription("How many jobs to do at a time"),
      Flag.withSchema(Concurrency),
      Flag.withDefault(1)
    ),
    lease: optionalText(
      "lease",
      "How long this worker may be silent before a job is given to another, as in 60s"
    ),
    grace: Flag.String("grace").pipe(
      Flag.withDescription(
        "How long a program may take to end when its job is cancelled, before it is killed"
      ),
      Flag.withDefault("8s")
    ),
    once: switchedOn("once", "Do one job, and end as it does"),
    drain: switchedOn("drain", "End when no job is waiting")
  },
  (given) => Effect.flatMap(load, ({ work }) => work(given))
).pipe(
  Command.withDescription(
    "Do jobs with a program. It reads the job's parameters as JSON from standard input. What it writes is the job's log, " +
      'save lines like ::percent 33, ::message resizing and ::checkpoint {"page": 7}. Status 0 means done: the result is what ' +
      "it wrote to the file named by LAZYBOSS_RESULT, or else its last line on standard output. Any other status means failed. " +
      "SIGTERM lets the worker finish what it has; a second one hands it back."
  ),
  Command.withShortDescription("Turn any program into a worker"),
  Command.withExamples([
    { command: "lazyboss work thumbnail -- ./thumbnail.sh", description: "One job at a time" },
    {
      command: `lazyboss work 'video.*' --skills '{"gpu": "cuda"}' --concurrency 4 -- python3 transcode.py --fast`,
      description: "Four at a time, with a skill"
    }
  ])
)
