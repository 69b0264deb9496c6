/** The verbs of the API, in the order of a job's life: submit, claim, report, finish, cancel, retry, amend, follow. */
import { Context, Duration, Effect, Layer, Option, type Stream } from "effect"
import type { AttemptRecord, Holding } from "./attempts/Attempt.ts"
import { type Caller, mayLookAt } from "./access/Caller.ts"
import * as Claiming from "./dispatching/Claiming.ts"
import * as Deciding from "./jobs/Deciding.ts"
import { Dispatcher } from "./dispatching/Dispatcher.ts"
import {
  AttemptNotFound,
  type JobFinished,
  JobNotFound,
  type JobNotRetryable,
  type JobRunning,
  noSuchAttempt,
  noSuchJob,
  type NotYours,
  type OutcomeConflict,
  type ProgressAhead,
  WrongWorker
} from "./Errors.ts"
import { EventHub } from "./events/EventHub.ts"
import * as Explaining from "./explaining/Explaining.ts"
import type { Explanation } from "./explaining/Explanation.ts"
import * as Following from "./jobs/Following.ts"
import type { AttemptId, JobId } from "./Identifiers.ts"
import { isFinished, type JobJson, type JobRecord, type NewJob } from "./jobs/Job.ts"
import { toJob } from "./jobs/toJob.ts"
import type { Amendment } from "./jobs/Amendment.ts"
import type { ClaimedJob } from "./jobs/Claim.ts"
import type { JobFilter } from "./jobs/JobConditions.ts"
import { JobRepo } from "./jobs/JobRepo.ts"
import type { LogPart } from "./attempts/LogPart.ts"
import type { Page } from "./Page.ts"
import { needJob } from "./jobs/needJob.ts"
import type { Signal } from "./attempts/ProgressExchange.ts"
import * as Reporting from "./attempts/Reporting.ts"
import { type Idempotency, type SubmissionError, type Submitted, Submitting } from "./jobs/Submitting.ts"
import { SupervisorPolicy } from "./policies/SupervisorPolicy.ts"
import { type JobHistory } from "./jobs/Timeline.ts"
import type { Vacancy } from "./dispatching/Vacancies.ts"
import { Workers } from "./workers/Workers.ts"

/** How often a long poll reads its job without having heard of a change, for such news may get lost. */
const backstop = Duration.seconds(15)

export class Boss extends Context.Service<
  Boss,
  {
    readonly submit: (
      jobs: ReadonlyArray<NewJob>,
      caller: Caller,
      idempotency: Option.Option<Idempotency>
    ) => Effect.Effect<Submitted, SubmissionError>
    /** Waits for jobs for a worker: see `Dispatcher.claim`. */
    readonly claim: (vacancy: Vacancy, wait: Duration.Duration) => Effect.Effect<ReadonlyArray<ClaimedJob>>
    /** Gives back jobs that could not be delivered. */
    readonly giveBack: (jobs: ReadonlyArray<ClaimedJob>) => Effect.Effect<void>
    /** Assigns jobs as long as the stream is read. */
    readonly claims: (vacancy: Vacancy) => Stream.Stream<Claiming.ClaimSignal>
    /** Ends an attempt by its worker's report. True if the same was reported before. */
    readonly finish: (
      holding: Holding,
      report: Reporting.WorkerReport
    ) => Effect.Effect<boolean, Reporting.HoldingError | OutcomeConflict>
    /** Ends many attempts at once: see `Reporting`. */
    readonly finishAll: (
      endings: ReadonlyArray<Reporting.Ending>
    ) => Effect.Effect<ReadonlyArray<Reporting.Finished>>
    readonly heartbeat: (holding: Holding) => Effect.Effect<Reporting.Heartbeat, Reporting.HoldingError>
    readonly progress: (
      holding: Holding,
      held: Option.Option<number>,
      body: Stream.Stream<string, unknown>
    ) => Effect.Effect<
      { readonly mark: number; readonly signals: Stream.Stream<Signal> },
      Reporting.HoldingError | ProgressAhead
    >
    /** Cancels a job that waits; asks the worker of one that runs to stop. */
    readonly cancel: (
      id: JobId,
      caller: Caller,
      reason: string | null
    ) => Effect.Effect<JobJson, JobNotFound | NotYours | JobFinished>
    /** Makes a failed or cancelled job pending again. */
    readonly retry: (
      id: JobId,
      caller: Caller
    ) => Effect.Effect<JobJson, JobNotFound | NotYours | JobNotRetryable>
    /** Changes a job that is not finished; of one that runs, only what counts for its next attempt. */
    readonly amend: (
      id: JobId,
      caller: Caller,
      amendment: Amendment
    ) => Effect.Effect<JobJson, JobNotFound | NotYours | JobFinished | JobRunning>
    /** The job, as soon as it is finished or the time is over. */
    readonly find: (id: JobId, wait: Duration.Duration) => Effect.Effect<JobJson, JobNotFound>
    readonly list: (filter: JobFilter) => Effect.Effect<Page<JobJson>>
    /** Why the job is where it is: what it waits for, who has it, or how it ended. */
    readonly explain: (id: JobId) => Effect.Effect<Explanation, JobNotFound>
    readonly attempts: (id: JobId) => Effect.Effect<ReadonlyArray<AttemptRecord>, JobNotFound>
    readonly attempt: (
      job: JobId,
      attempt: AttemptId,
      caller: Caller
    ) => Effect.Effect<AttemptRecord, JobNotFound | AttemptNotFound | WrongWorker>
    /** Follows a job: see `Following`. None if the follower has been told all there will be. */
    readonly follow: (
      id: JobId,
      from: Option.Option<Following.Position>
    ) => Effect.Effect<Option.Option<Stream.Stream<Following.FollowEvent>>, JobNotFound>
    /** The bytes of the log from `start`, which counts from the end if it is negative, to before `end`, or to the end. */
    readonly readLog: (id: JobId, start: number, end: number | null) => Effect.Effect<LogPart, JobNotFound>
    /** The job as the API shows it. */
    readonly show: (record: JobRecord) => JobJson
  }
>()("lazyboss/domain/Boss") {
  static readonly layer = Layer.effect(
    Boss,
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const hub = yield* EventHub
      const policies = yield* SupervisorPolicy
      const dispatcher = yield* Dispatcher
      const workers = yield* Workers
      const { submit } = yield* Submitting
      const { claims } = yield* Claiming.make
      const { finish, finishAll, heartbeat, progress } = yield* Reporting.make
      const { amend, cancel, retry } = yield* Deciding.make
      const { follow } = yield* Following.make
      const { explain } = yield* Explaining.make

      const show = (job: JobRecord) => toJob(job, policies.of(job.group.type))

      const need = (id: JobId) => needJob(repo, id)

      const needHistory = Effect.fnUntraced(function* (id: JobId): Effect.fn.Return<JobHistory, JobNotFound> {
        return (yield* repo.history(id)) ?? (yield* new JobNotFound({ detail: noSuchJob }))
      })

      const awaitEnd = Effect.fnUntraced(function* (id: JobId) {
        const changed = yield* hub.watch(id)
        while (true) {
          const job = yield* need(id)
          if (isFinished(job.status)) return job
          yield* Effect.timeoutOption(changed, backstop)
        }
      }, Effect.scoped)

      return Boss.of({
        submit,
        claim: (vacancy, wait) =>
          Effect.suspend(() => {
            workers.saw(vacancy.worker, vacancy.suitability)
            return dispatcher.claim(vacancy, wait)
          }),
        giveBack: dispatcher.giveBack,
        claims,
        finish,
        finishAll,
        heartbeat,
        progress,
        cancel,
        retry,
        amend,
        show,

        find: Effect.fnUntraced(function* (id, wait) {
          const job = yield* need(id)
          if (Duration.isZero(wait) || isFinished(job.status)) return show(job)
          const ended = yield* Effect.timeoutOption(awaitEnd(id), wait)
          return show(Option.isSome(ended) ? ended.value : yield* need(id))
        }),

        list: Effect.fnUntraced(function* (filter) {
          const { hasMore, items } = yield* repo.list(filter)
          return { items: items.map(show), hasMore }
        }),

        explain: (id) => Effect.flatMap(need(id), explain),

        attempts: (id) => Effect.map(needHistory(id), ({ attempts }) => attempts),

        attempt: Effect.fnUntraced(function* (id, attempt, caller) {
          yield* need(id)
          const found =
            (yield* repo.findAttempt(id, attempt)) ?? (yield* new AttemptNotFound({ detail: noSuchAttempt }))
          if (mayLookAt(caller, found)) return found
          return yield* new WrongWorker({ detail: `this attempt was given to ${found.worker}` })
        }),

        follow: Effect.fnUntraced(function* (id, from) {
          const history = yield* needHistory(id)
          // A position that was never given out is that of another job, or of a database that is no more.
          const known = Option.filter(from, ({ version }) => version <= history.job.version)
          return Option.isSome(known) && Following.hasSeenTheEnd(history, known.value)
            ? Option.none()
            : Option.some(follow(id, known))
        }),

        readLog: (id, start, end) => Effect.andThen(need(id), repo.readLog(id, start, end))
      })
    })
  )
}
