/** A worker: asks for jobs, does them, tells how it goes and how it ended. */
import { Array as Arr, Cause, Deferred, Duration, Effect, Exit, Fiber, Option, Schema } from "effect"
import type { Assignment } from "../domain/Job.ts"
import type { JsonValue } from "../domain/Json.ts"
import type { Skills } from "../domain/Matching.ts"
import { LazybossClient } from "./LazybossClient.ts"
import * as Reporter from "./ProgressReporter.ts"
import { untilItIsBack } from "./Reconnecting.ts"

export interface WorkerOptions<E, R> {
  /** Which jobs to do; a type may end in `*`. */
  readonly types: ReadonlyArray<string>
  readonly skills?: Skills | undefined
  /** How many jobs at a time; 1 if not given. */
  readonly concurrency?: number | undefined
  /** Does a job. What it succeeds with is the result, what it fails with the error; interrupted when it is cancelled. */
  readonly run: (job: Assignment, progress: Reporter.ProgressReporter) => Effect.Effect<JsonValue, E, R>
}

/** How long each poll is held open. */
const pollWait = Duration.seconds(20)

const asJson = Schema.decodeUnknownOption(Schema.Json)

// An error of whatever kind, as JSON that tells most of it.
const toErrorReport = (cause: Cause.Cause<unknown>): JsonValue => {
  if (Cause.hasInterruptsOnly(cause)) return { message: "stopped because the job is being cancelled" }
  const error = Cause.squash(cause)
  if (error instanceof Error) return { message: error.message, stack: error.stack ?? null }
  return Option.getOrElse(asJson(error), () => ({ message: String(error) }))
}

/** Works until interrupted; a job under way is then finished first, and no further one is taken. */
export const work = Effect.fnUntraced(function* <E, R>(options: WorkerOptions<E, R>) {
  const client = yield* LazybossClient

  const claim = client.work
    .claim({
      query: { wait: pollWait },
      payload: { types: options.types, ...(options.skills !== undefined && { skills: options.skills }) }
    })
    .pipe(
      Effect.retry({
        schedule: untilItIsBack,
        while: ({ _tag }) => _tag === "HttpClientError" || _tag === "Unavailable"
      })
    )

  const keepAlive = (job: Assignment, onCancel: Effect.Effect<void>) =>
    client.work.heartbeat({ params: { id: job.id, attempt: job.attempt } }).pipe(
      Effect.tap(({ cancelRequested }) => (cancelRequested ? onCancel : Effect.void)),
      Effect.ignore,
      Effect.delay(Duration.divideUnsafe(job.lease, 3)),
      Effect.forever
    )

  const report = (job: Assignment, exit: Exit.Exit<JsonValue, E>) => {
    const params = { id: job.id, attempt: job.attempt }
    const handIn: Effect.Effect<void, { readonly _tag: string }> = Exit.isSuccess(exit)
      ? client.work.result({ params, payload: exit.value })
      : client.work.error({ params, payload: toErrorReport(exit.cause) })
    return handIn.pipe(
      Effect.retry({
        schedule: untilItIsBack,
        while: ({ _tag }) => _tag === "HttpClientError" || _tag === "Unavailable"
      }),
      Effect.catch((problem) =>
        Effect.logWarning(`the outcome of job ${job.id} was not taken: ${problem._tag}`)
      )
    )
  }

  const perform = Effect.fnUntraced(function* (job: Assignment) {
    const begun = yield* Deferred.make<Fiber.Fiber<JsonValue, E>>()
    const stop = Effect.flatMap(Deferred.await(begun), Fiber.interrupt)
    const { flush, reporter } = yield* Reporter.make(job, stop)
    // A fiber of its own: what interrupts the worker does not interrupt the job.
    const running = yield* Effect.forkScoped(Effect.interruptible(options.run(job, reporter)))
    yield* Deferred.succeed(begun, running)
    yield* Effect.forkScoped(keepAlive(job, stop))
    const exit = yield* Fiber.await(running)
    yield* flush
    yield* report(job, exit)
  }, Effect.scoped)

  const workOnce = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const claimed = yield* restore(claim)
      if (claimed === undefined || typeof claimed === "string") return
      yield* Effect.forEach(Arr.ensure(claimed), perform, { discard: true })
    })
  )
  return yield* Effect.all(
    Arr.makeBy(options.concurrency ?? 1, () => Effect.forever(workOnce)),
    { concurrency: "unbounded", discard: true }
  )
})
