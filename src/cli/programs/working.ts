/** What `lazyboss work` does. */
import { hostname } from "node:os"
import { Deferred, Duration, Effect, Exit, Layer, Logger, Option, Schema, Stdio } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { isPassing } from "../../client/Reconnecting.ts"
import { HandedBack, work as beWorker } from "../../client/Worker.ts"
import { DurationText, PositiveDurationText } from "../../domain/Duration.ts"
import { TypePattern } from "../../domain/Identifiers.ts"
import type { Assignment } from "../../domain/jobs/Assignment.ts"
import { Skills } from "../../domain/matching/Constraint.ts"
import { asContract, fromJson } from "../input.ts"
import { remark } from "../output/output.ts"
import { formatLength } from "../../text/spans.ts"
import { explain, type Connection } from "../server/asking.ts"
import { mistyped, CommandError } from "../CommandError.ts"
import { splitWords } from "./commandLine.ts"
import { isThere } from "./findCommand.ts"
import { perform } from "./performing.ts"

/** A quiet program's worker hears of a cancellation within this time, and its program may still use the grace. */
const attention = Duration.seconds(2)

export interface WorkGiven extends Connection {
  readonly words: ReadonlyArray<string>
  readonly name: Option.Option<string>
  readonly skills: Option.Option<string>
  readonly concurrency: number
  readonly lease: Option.Option<string>
  readonly grace: string
  readonly once: boolean
  readonly drain: boolean
}

// With a token its name is known to the server.
const identityOf = ({ name, token }: WorkGiven): string | undefined =>
  Option.getOrElse(name, () =>
    Option.isSome(token) ? undefined : `${hostname().replace(/[^A-Za-z0-9.-]/g, "-")}/${process.pid}`
  )

const signals = ["SIGTERM", "SIGINT"] as const

// The first signal interrupts this program by itself, which ends when what it has is finished.
const onSignals = (isSecond: Deferred.Deferred<void>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      let count = 0
      const onSignal = () => {
        count += 1
        if (count === 1) {
          console.error("finishing what is under way, and taking no more; once more to hand it back")
        } else {
          Deferred.doneUnsafe(isSecond, Exit.void)
        }
      }
      for (const signal of signals) process.on(signal, onSignal)
      return onSignal
    }),
    (onSignal) =>
      Effect.sync(() => {
        for (const signal of signals) process.off(signal, onSignal)
      })
  )

// Somebody who mistyped the address waits for ever, if nobody tells them.
const sayIfAway = ({ url }: Connection) =>
  Effect.flatMap(LazybossClient, ({ service }) => service.healthz()).pipe(
    Effect.catch((error) =>
      isPassing(error) ? remark(`no server answers at ${url}: waiting for it`) : Effect.void
    )
  )

const say = (job: Assignment, text: string) => remark(`${job.type} ${job.id}: ${text}`)

const Durations = Schema.Struct({ grace: DurationText, lease: Schema.optionalKey(PositiveDurationText) })

const readPlan = Effect.fnUntraced(function* (given: WorkGiven) {
  const { args } = yield* Stdio.Stdio
  const plan = splitWords(given.words, yield* args)
  if (plan === null) {
    return yield* mistyped("say what to do, as in lazyboss work thumbnail -- ./thumbnail.sh")
  }
  const types = yield* Effect.forEach(plan.types, (type) => asContract(TypePattern, type))
  const skills = Option.isSome(given.skills)
    ? yield* asContract(Skills, yield* fromJson("--skills", given.skills.value, `'{"memoryGb": 16}'`))
    : undefined
  const { lease, grace } = yield* asContract(Durations, {
    grace: given.grace,
    ...(Option.isSome(given.lease) && { lease: given.lease.value })
  })
  if (!(yield* isThere(plan.command, process.env["PATH"] ?? ""))) {
    return yield* mistyped(`there is no program ${plan.command} that could be run`)
  }
  return { ...plan, types, skills, lease, grace }
})

export const work = Effect.fnUntraced(function* (given: WorkGiven) {
  const { args, command, grace, lease, skills, types } = yield* readPlan(given)
  const identity = identityOf(given)
  const isSecondSignal = yield* Deferred.make<void>()
  yield* onSignals(isSecondSignal)
  const handBack = Effect.andThen(Deferred.await(isSecondSignal), Effect.fail(new HandedBack()))
  const manner = {
    command,
    args,
    url: given.url,
    grace: () => (Deferred.isDoneUnsafe(isSecondSignal) ? Duration.zero : grace)
  }
  let hasFailed = false

  const working = beWorker({
    types,
    skills,
    lease,
    attention,
    concurrency: given.concurrency,
    endsAfter: given.once ? "one job" : given.drain ? "the last job" : undefined,
    run: (job, progress) =>
      Effect.gen(function* () {
        yield* say(job, `attempt ${job.attemptNumber} begins`)
        const [took, exit] = yield* Effect.timed(
          Effect.exit(Effect.raceFirst(perform(job, progress, manner), handBack))
        )
        hasFailed = Exit.isFailure(exit)
        const end = hasFailed ? (Deferred.isDoneUnsafe(isSecondSignal) ? "handed back" : "failed") : "done"
        yield* say(job, `${end} after ${formatLength(Duration.toMillis(took))}`)
        return yield* exit
      }).pipe(Effect.onInterrupt(() => say(job, "stopped: the job is cancelled, or no longer this worker's")))
  })

  yield* Effect.gen(function* () {
    yield* sayIfAway(given)
    yield* remark(`waiting for ${types.join(", ")} as ${identity ?? "the token's name"} at ${given.url}`)
    yield* working
  }).pipe(
    Effect.provide([
      LazybossClient.layer({ url: given.url, identity, token: Option.getOrUndefined(given.token) }),
      Layer.succeed(Logger.LogToStderr, true)
    ]),
    Effect.mapError((error) => explain(error, given))
  )
  if (given.once && hasFailed) {
    return yield* new CommandError({ kind: "jobFailed", message: "the job failed" })
  }
}, Effect.scoped)
