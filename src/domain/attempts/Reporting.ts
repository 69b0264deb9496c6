/** What workers report on the attempts that they hold. */
import { Array as Arr, DateTime, Effect, Option, Result, Stream } from "effect"
import { type AttemptRecord, type Holding, wasReported } from "./Attempt.ts"
import { logRefusal } from "../events/DecisionLog.ts"
import {
  AttemptNotFound,
  AttemptOver,
  JobNotFound,
  noSuchAttempt,
  noSuchJob,
  OutcomeConflict,
  ProgressAhead,
  WrongWorker
} from "../Errors.ts"
import { EventFeed } from "../events/EventFeed.ts"
import { ofAttempt } from "../events/eventsOf.ts"
import * as GroupCommit from "../GroupCommit.ts"
import type { JobId } from "../Identifiers.ts"
import { canonicalJson } from "../Json.ts"
import type { JobRecord } from "../jobs/Job.ts"
import { toJob } from "../jobs/toJob.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import { LeaseManager } from "./LeaseManager.ts"
import type { Report } from "./Lifecycle.ts"
import { Outcomes } from "./Outcomes.ts"
import * as ProgressExchange from "./ProgressExchange.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"

/** What a worker can report as the end of an attempt. */
export type WorkerReport = Exclude<Report, { readonly _tag: "ClockRanOut" | "WorkerBanned" }>

/** A report on an attempt. */
export interface Ending {
  readonly holding: Holding
  readonly report: WorkerReport
}

/** What became of a report: true if the same was reported before. */
export type Finished = Result.Result<boolean, HoldingError | OutcomeConflict>

/** Why an attempt cannot be reported on. */
export type HoldingError = JobNotFound | AttemptNotFound | WrongWorker | AttemptOver

/** The answer to a heartbeat. */
export interface Heartbeat {
  readonly leaseExpiresAt: DateTime.Utc
  readonly cancelRequested: boolean
}

/** At most this many jobs are read at once, for they may be large. */
const mostFound = 64

/** How often a report is decided anew because the job changed meanwhile. More than once or twice is not to be expected. */
const mostTries = 10

// Never to happen; to answer as if it had been recorded would lose the report.
const notAnswered = (): never => {
  throw new Error("a report was not answered")
}

const isRepetition = (attempt: AttemptRecord, report: WorkerReport): boolean => {
  switch (report._tag) {
    case "Done":
      return attempt.outcome === "done" && canonicalJson(attempt.result) === canonicalJson(report.result)
    case "Failed":
      return attempt.outcome === "failed" && canonicalJson(attempt.error) === canonicalJson(report.error)
    case "Released":
      return attempt.outcome === "released" && attempt.error === null
  }
}

export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const leases = yield* LeaseManager
  const outcomes = yield* Outcomes
  const policies = yield* SupervisorPolicy
  const feed = yield* EventFeed
  const exchange = yield* ProgressExchange.make
  // Batches the reads of many reports that come at once.
  const find = yield* GroupCommit.make<JobId, JobRecord | null>({
    enough: mostFound,
    write: repo.find
  })

  const inspect = Effect.fnUntraced(function* (
    holding: Holding
  ): Effect.fn.Return<
    { readonly job: JobRecord; readonly attempt: AttemptRecord },
    JobNotFound | AttemptNotFound | WrongWorker
  > {
    const job = yield* find(holding.job)
    if (job === null) return yield* new JobNotFound({ detail: noSuchJob })
    const attempt =
      job.attempt?.id === holding.attempt
        ? job.attempt
        : yield* repo.findAttempt(holding.job, holding.attempt)
    if (attempt === null) return yield* new AttemptNotFound({ detail: noSuchAttempt })
    if (attempt.worker !== holding.worker) {
      return yield* new WrongWorker({ detail: `this attempt was given to ${attempt.worker}` })
    }
    return { job, attempt }
  })

  const show = (job: JobRecord) => toJob(job, policies.of(job.group.type))

  const over = Effect.fnUntraced(function* (job: JobRecord, attempt: AttemptRecord) {
    yield* logRefusal(job, attempt)
    yield* feed.tell({
      event: "attempt.fenced",
      ...ofAttempt(job, attempt),
      reason: `the attempt ended as ${attempt.outcome}`
    })
    return new AttemptOver({
      detail: `the attempt ended as ${attempt.outcome}; nothing more can be reported on it`,
      job: show(job)
    })
  })

  // Ends an attempt after reading its job, or finds out why that cannot be done.
  const finishKnowingly = Effect.fnUntraced(function* ({
    holding,
    report
  }: Ending): Effect.fn.Return<boolean, HoldingError | OutcomeConflict> {
    for (let tries = 0; tries < mostTries; tries++) {
      const { attempt, job } = yield* inspect(holding)
      if (attempt.endedAt === null) {
        if ((yield* outcomes.conclude(job, report)) !== null) return false
      } else if (isRepetition(attempt, report)) {
        return true
      } else if (wasReported(attempt)) {
        return yield* new OutcomeConflict({
          detail: `the attempt was reported as ${attempt.outcome} before, with other content or another outcome`,
          job: show(job)
        })
      } else {
        return yield* yield* over(job, attempt)
      }
    }
    return yield* Effect.die(
      new Error("the attempt changed again and again while its end was to be recorded")
    )
  }, Effect.result)

  /** Ends attempts by their worker's reports, each as if they had come one after another. */
  const finishAll = Effect.fnUntraced(function* (
    endings: ReadonlyArray<Ending>
  ): Effect.fn.Return<ReadonlyArray<Finished>> {
    const answers = new Map<Ending, Finished>()
    const finishOthers = (others: ReadonlyArray<Ending>) =>
      Effect.forEach(
        others.filter((ending) => !answers.has(ending)),
        (ending) => Effect.map(finishKnowingly(ending), (answer) => answers.set(ending, answer)),
        { concurrency: "unbounded", discard: true }
      )

    // An attempt may be named twice: the later report must find what came of the first.
    const firstOf = new Map(endings.toReversed().map((ending) => [ending.holding.attempt, ending]))
    const firsts = endings.filter((ending) => firstOf.get(ending.holding.attempt) === ending)
    // A result needs no look at the job before: nothing that is known of it would change what follows.
    const results = firsts.flatMap((ending) =>
      ending.report._tag === "Done" ? [{ ending, result: ending.report.result }] : []
    )
    if (Arr.isReadonlyArrayNonEmpty(results)) {
      const ended = yield* outcomes.succeed(
        Arr.map(results, ({ ending, result }) => ({ ...ending.holding, result }))
      )
      for (const [{ ending }, job] of Arr.zip(results, ended)) {
        if (job !== null) answers.set(ending, Result.succeed(false))
      }
    }
    yield* finishOthers(firsts)
    yield* finishOthers(endings)
    return endings.map((ending) => answers.get(ending) ?? notAnswered())
  })

  /** Ends one attempt. True if the same was reported before. */
  const finish = (holding: Holding, report: WorkerReport) =>
    Effect.flatMap(finishAll([{ holding, report }]), ([answer]) => Effect.fromResult(answer ?? notAnswered()))

  /** Renews the lease. */
  const heartbeat = Effect.fnUntraced(function* (
    holding: Holding
  ): Effect.fn.Return<Heartbeat, HoldingError> {
    const attempt = yield* leases.renew(holding.job, holding.attempt, holding.worker)
    if (attempt !== null) {
      return { leaseExpiresAt: attempt.leaseExpiresAt, cancelRequested: attempt.cancelAt !== null }
    }
    const found = yield* inspect(holding)
    return yield* yield* over(found.job, found.attempt)
  })

  /**
   * Begins or goes on with the progress of an attempt. `held` is the last acknowledgement that the worker holds. The
   * body is read as the signals are taken.
   */
  const progress = Effect.fnUntraced(function* (
    holding: Holding,
    held: Option.Option<number>,
    body: Stream.Stream<string, unknown>
  ): Effect.fn.Return<
    { readonly mark: number; readonly signals: Stream.Stream<ProgressExchange.Signal> },
    HoldingError | ProgressAhead
  > {
    const { attempt, job } = yield* inspect(holding)
    if (attempt.endedAt !== null) return yield* yield* over(job, attempt)
    if (Option.isSome(held) && held.value > attempt.mark) {
      return yield* new ProgressAhead({
        detail: `Last-Event-Id is ${held.value}, but only ${attempt.mark} was ever acknowledged`,
        mark: attempt.mark
      })
    }
    const { logCap } = policies.of(job.group.type)
    return { mark: attempt.mark, signals: exchange(job, attempt, logCap, body) }
  })

  return { finish, finishAll, heartbeat, progress }
})
