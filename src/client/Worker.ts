/** A worker: asks for jobs, does them, tells how it goes and how it ended. */
import { Array as Arr, Cause, Data, Deferred, Duration, Effect, Exit, Option, Schema } from "effect"
import type { Assignment } from "../domain/jobs/Assignment.ts"
import type { JsonValue } from "../domain/Json.ts"
import type { Skills } from "../domain/matching/Constraint.ts"
import { LazybossClient } from "./LazybossClient.ts"
import * as Reporter from "./ProgressReporter.ts"
import { persistently } from "./Reconnecting.ts"

export interface WorkerOptions<E, R> {
  /** Which jobs to do; a type may end in `*`. */
  readonly types: ReadonlyArray<string>
  readonly skills?: Skills | undefined
  /** How many jobs at a time; 1 if not given. */
  readonly concurrency?: number | undefined
  /** How long the worker may be silent about a job; what the job's policy says if not given. */
  readonly lease?: Duration.Duration | undefined
  /** How late the worker may hear at most that its job is being cancelled; a third of the lease if not given. */
  readonly attention?: Duration.Duration | undefined
  /** Ends by itself after one job, or when no job waits for it; never if not given. */
  readonly endsAfter?: "one job" | "the last job" | undefined
  /**
   * Does a job. What it succeeds with is the result, what it fails with the error; `retryable: false` and
   * `retryIn: "5m"` in an error are understood; `HandedBack` is no error. It is interrupted when the job is cancelled or taken away.
   */
  readonly run: (job: Assignment, progress: Reporter.ProgressReporter) => Effect.Effect<JsonValue, E, R>
}

/** What the work fails with to hand the job back, charged to nobody. */
export class HandedBack extends Data.TaggedError("HandedBack") {}

/** How long each poll is held open. */
const pollWait = Duration.seconds(20)
/** How long to wait for a job that is on its way before there is taken to be none. */
const lastPollWait = Duration.seconds(1)

const asJson = Schema.decodeUnknownOption(Schema.Json)

// An error of whatever kind, as JSON that tells most of it.
const toErrorReport = (cause: Cause.Cause<unknown>): JsonValue => {
  const error = Cause.squash(cause)
  return error instanceof Error
    ? {
        message: error.message,
        stack: error.stack ?? null,
        ...("retryable" in error && typeof error.retryable === "boolean" && { retryable: error.retryable }),
        ...("retryIn" in error && typeof error.retryIn === "string" && { retryIn: error.retryIn })
      }
    : Option.getOrElse(asJson(error), () => ({ message: String(error) }))
}

const isHandedBack = (exit: Exit.Exit<JsonValue, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.squash(exit.cause) instanceof HandedBack

const stoppedAsAsked: JsonValue = { message: "stopped because the job is being cancelled" }

/** Works until interrupted, or until it `endsAfter` something; a job under way is then finished first, and no further one is taken. */
export const work = Effect.fnUntraced(function* <E, R>(options: WorkerOptions<E, R>) {
  const client = yield* LazybossClient

  const claim = persistently(
    client.work.claim({
      query: { wait: options.endsAfter === "the last job" ? lastPollWait : pollWait },
      payload: {
        types: options.types,
        ...(options.skills !== undefined && { skills: options.skills }),
        ...(options.lease !== undefined && { lease: options.lease })
      }
    })
  )

  const keepAlive = (job: Assignment, onStop: (why: Reporter.Stop) => Effect.Effect<void>) =>
    persistently(client.work.heartbeat({ params: { id: job.id, attempt: job.attempt } })).pipe(
      Effect.tap(({ cancelRequested }) => (cancelRequested ? onStop("cancelled") : Effect.void)),
      Effect.delay(Duration.min(Duration.divideUnsafe(job.lease, 3), options.attention ?? job.lease)),
      Effect.forever,
      Effect.catch(() => onStop("over"))
    )

  // Says how it ended, as often as it takes: the same outcome again is answered like the first.
  const report = Effect.fnUntraced(function* (job: Assignment, exit: Exit.Exit<JsonValue, unknown>) {
    const params = { id: job.id, attempt: job.attempt }
    const handInError = (payload: JsonValue) => persistently(client.work.error({ params, payload }))
    const handIn = isHandedBack(exit)
      ? persistently(client.work.release({ params }))
      : Exit.isFailure(exit)
        ? handInError(toErrorReport(exit.cause))
        : persistently(client.work.result({ params, payload: exit.value })).pipe(
            Effect.catchTag(["InvalidRequest", "PayloadTooLarge", "SchemaError"], ({ message }) =>
              handInError({ message: `the result was not taken: ${message}`, retryable: false })
            )
          )
    yield* Effect.catch(handIn, ({ message }) =>
      Effect.logWarning(`the outcome of job ${job.id} was not taken: ${message}`)
    )
  })

  const perform = Effect.fnUntraced(function* (job: Assignment) {
    const stopped = yield* Deferred.make<Reporter.Stop>()
    const onStop = (why: Reporter.Stop) => Effect.asVoid(Deferred.succeed(stopped, why))
    const { flush, reporter } = yield* Reporter.make(job, onStop)
    yield* Effect.forkScoped(keepAlive(job, onStop))
    const ended = yield* Effect.raceFirst(
      Effect.exit(Effect.interruptible(options.run(job, reporter))),
      Deferred.await(stopped)
    )
    if (ended === "over") return yield* Effect.logWarning(`job ${job.id} was taken away`)
    yield* flush
    yield* report(job, ended === "cancelled" ? Exit.fail(stoppedAsAsked) : ended)
  }, Effect.scoped)

  // What interrupts the worker interrupts its asking for jobs, and not its jobs.
  const workOnce = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const claimed = yield* restore(claim)
      if (claimed === undefined || typeof claimed === "string") return false
      yield* Effect.forEach(Arr.ensure(claimed), perform, { discard: true })
      return true
    })
  )
  const workOn = Effect.repeat(workOnce, {
    while: (hadJob) => options.endsAfter === undefined || (options.endsAfter === "one job" ? !hadJob : hadJob)
  })
  const concurrency = options.endsAfter === "one job" ? 1 : (options.concurrency ?? 1)
  return yield* Effect.all(
    Arr.makeBy(concurrency, () => workOn),
    { concurrency: "unbounded", discard: true }
  )
})
