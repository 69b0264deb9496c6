/** The client for programs that do not use Effect: promises, and jobs as the plain JSON of the HTTP API. */
import {
  Array as Arr,
  Cause,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  ManagedRuntime,
  Schema
} from "effect"
import { Assignment } from "../domain/jobs/Assignment.ts"
import { isFinished, Job, NewJob } from "../domain/jobs/Job.ts"
import { JobId } from "../domain/Identifiers.ts"
import type { Skills } from "../domain/matching/Constraint.ts"
import { type ClientOptions, LazybossClient } from "./LazybossClient.ts"
import type { ProgressReporter } from "./ProgressReporter.ts"
import { isPassing, untilItIsBack } from "./Reconnecting.ts"
import * as Worker from "./Worker.ts"

export type NewJobJson = typeof NewJob.Encoded
export type JobJson = typeof Job.Encoded
export type AssignmentJson = typeof Assignment.Encoded

/** How a job that is being done tells of itself. There is no need to wait for these, except to keep in step. */
export interface Progress {
  /** Appends text to the job's log, as it is: a line needs its line break. */
  readonly log: (text: string) => Promise<void>
  /** 0 to 100. */
  readonly percent: (percent: number) => Promise<void>
  /** A line for people. */
  readonly message: (text: string) => Promise<void>
  /** What the next attempt is to begin with, if this one is lost. */
  readonly checkpoint: (value: unknown) => Promise<void>
  /** Aborted when the job is cancelled or taken away: stop then. */
  readonly signal: AbortSignal
}

export interface WorkOptions {
  /** Which jobs to do; a type may end in `*`. */
  readonly types: ReadonlyArray<string>
  readonly skills?: Skills
  /** How many jobs at a time; 1 if not given. */
  readonly concurrency?: number
  /** Does a job. What it resolves to is the result, as JSON; what it throws is the error. */
  readonly run: (job: AssignmentJson, progress: Progress) => Promise<unknown>
}

/** A worker at work. */
export interface RunningWorker {
  /** Takes no further job, and resolves when those under way are finished. */
  readonly stop: () => Promise<void>
  /** Resolves when the worker has stopped; rejects if it cannot work at all, as with a wrong token. */
  readonly ended: Promise<void>
}

/** How often a call that gets no answer is made again before it is given up. */
const tries = { schedule: untilItIsBack, while: isPassing, times: 5 }

const decodeId = Schema.decodeUnknownEffect(JobId)
const decodeJobs = Schema.decodeUnknownEffect(Schema.Array(NewJob), { onExcessProperty: "error" })
const decodeJson = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Json))
const encodeJob = Schema.encodeSync(Job)
// A JSON answer is asked for, so it is a job.
const expectJob = (answer: Job | string | void) =>
  typeof answer === "object" ? Effect.succeed(encodeJob(answer)) : Effect.die(new Error("not a job"))

const encodeAssignment = Schema.encodeSync(Assignment)

// As `JSON.stringify` sees it: dates become text, and what is not there is null.
const toJson = (value: unknown) =>
  Effect.flatMap(
    Effect.try({ try: () => JSON.stringify(value) ?? "null", catch: (cause) => cause }),
    decodeJson
  )

const toRun =
  (run: WorkOptions["run"]) =>
  (job: Assignment, { checkpoint, log, message, percent }: ProgressReporter) =>
    Effect.callback<unknown, unknown>((resume) => {
      const controller = new AbortController()
      const settled = Promise.resolve()
        .then(() =>
          run(encodeAssignment(job), {
            log: (text) => Effect.runPromise(log(text)),
            percent: (value) => Effect.runPromise(percent(value)),
            message: (text) => Effect.runPromise(message(text)),
            checkpoint: (value) => Effect.runPromise(Effect.flatMap(toJson(value), checkpoint)),
            signal: controller.signal
          })
        )
        .then(
          (result) => resume(Effect.succeed(result)),
          (error: unknown) => resume(Effect.fail(error))
        )
      // The job is not over before its code is, however long it takes to notice.
      return Effect.andThen(
        Effect.sync(() => controller.abort()),
        Effect.promise(() => settled)
      )
    }).pipe(Effect.flatMap(toJson))

/** A server, as programs without Effect see it. */
export interface Lazyboss {
  /** Creates a job. A call that gets no answer is made again, and makes no second job. */
  readonly create: (job: NewJobJson, options?: CreateOptions) => Promise<JobJson>
  /** Creates up to 1,000 jobs, or none. */
  readonly createMany: (
    jobs: ReadonlyArray<NewJobJson>,
    options?: CreateOptions
  ) => Promise<ReadonlyArray<JobJson>>
  readonly get: (id: string) => Promise<JobJson>
  /** The job, when it is finished. */
  readonly waitFor: (id: string) => Promise<JobJson>
  readonly log: (id: string) => Promise<string>
  /** Cancels the job. One that is cancelled already is as good. */
  readonly cancel: (id: string) => Promise<JobJson>
  /** Makes a failed or cancelled job pending again. Tried once: a lost answer does not tell whether it was. */
  readonly retry: (id: string) => Promise<JobJson>
  /** Begins to work. Claiming needs an identity. */
  readonly work: (options: WorkOptions) => RunningWorker
}

export interface CreateOptions {
  /** Makes this creation recognisable as the same one, for 24 h, however often it is tried. */
  readonly idempotencyKey?: string
}

/** Connects to a server. Nothing is sent before the first call. */
export const connect = (options: ClientOptions): Lazyboss => {
  const runtime = ManagedRuntime.make(
    Layer.merge(LazybossClient.layer(options), Layer.succeed(Logger.LogToStderr, true))
  )

  const call = <A, E extends { readonly _tag: string }>(
    id: string,
    method: (jobs: typeof LazybossClient.Service.jobs, params: { readonly id: JobId }) => Effect.Effect<A, E>
  ): Promise<A> =>
    runtime.runPromise(
      Effect.gen(function* () {
        const { jobs } = yield* LazybossClient
        const params = { id: yield* decodeId(id) }
        return yield* method(jobs, params)
      })
    )

  const get = (id: string, wait: Duration.Duration): Promise<JobJson> =>
    call(id, (jobs, params) =>
      Effect.flatMap(Effect.retry(jobs.get({ params, query: { wait }, headers: {} }), tries), expectJob)
    )

  const createMany: Lazyboss["createMany"] = (jobs, { idempotencyKey = crypto.randomUUID() } = {}) =>
    runtime.runPromise(
      Effect.gen(function* () {
        const client = yield* LazybossClient
        const payload = yield* decodeJobs(jobs)
        const headers = { "idempotency-key": idempotencyKey }
        const created = yield* Effect.retry(client.jobs.create({ headers, payload }), tries)
        return Arr.ensure(created).map((job) => encodeJob(job))
      })
    )

  return {
    createMany,
    create: async (job, createOptions) => Arr.getUnsafe(await createMany([job], createOptions), 0),
    get: (id) => get(id, Duration.zero),
    waitFor: async (id) => {
      while (true) {
        const job = await get(id, Duration.minutes(1))
        if (isFinished(job.status)) return job
      }
    },
    log: (id) => call(id, (jobs, params) => Effect.retry(jobs.log({ params, headers: {} }), tries)),
    cancel: (id) =>
      call(id, (jobs, params) =>
        Effect.retry(jobs.cancel({ params, query: {} }), tries).pipe(
          Effect.flatMap(expectJob),
          Effect.catchTag("JobFinished", (problem) =>
            problem.job.status === "cancelled" ? Effect.succeed(problem.job) : Effect.fail(problem)
          )
        )
      ),
    retry: (id) => call(id, (jobs, params) => Effect.flatMap(jobs.retry({ params }), expectJob)),
    work: ({ run, ...wishes }) => {
      const fiber = runtime.runFork(Worker.work({ ...wishes, run: toRun(run) }))
      const ended = Fiber.await(fiber).pipe(
        Effect.flatMap((exit) =>
          Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
            ? Effect.void
            : Effect.fail(Cause.squash(exit.cause))
        )
      )
      return {
        ended: runtime.runPromise(ended),
        stop: () => runtime.runPromise(Effect.asVoid(Fiber.interrupt(fiber)))
      }
    }
  }
}

/** Works until the process is told to stop; the jobs under way are then finished first. */
export const runWorker = async ({
  identity,
  token,
  url,
  ...options
}: ClientOptions & WorkOptions): Promise<void> => {
  const worker = connect({ url, identity, token }).work(options)
  const stop = () => void worker.stop()
  process.once("SIGINT", stop).once("SIGTERM", stop)
  try {
    await worker.ended
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop)
  }
}
