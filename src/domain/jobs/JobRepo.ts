/**
 * The store, as an interface: batched, atomic steps of the job's life. Every write takes a batch and each item of it
 * takes effect or not by itself.
 *
 * What follows when an attempt ends is decided in `Lifecycle`, and the store only carries it out, if it came first. Which
 * jobs are given is decided in `Choosing` and `Limits`. Where nothing is left to decide, each store takes the step by
 * itself, as is said at its method: a claim begins an attempt with the clocks of its source (the lease by the rule of
 * `leaseOf`), and `promote`, `expire`, `cancel`, `retry` and `amend` are each one fixed transition. That all stores take
 * them alike is for the tests to show.
 *
 * No method fails in a way that a caller could mend: when the store cannot be reached, or does not answer as it should,
 * the effect dies with `StoreUnavailable` or a defect, and nothing or everything of the call was done.
 */
import { Context, type DateTime, Duration, type Effect } from "effect"
import type { Amendment } from "./Amendment.ts"
import type { BetterWorker } from "../matching/Candidates.ts"
import type { AttemptClock, AttemptRecord, Holding } from "../attempts/Attempt.ts"
import type { AttemptId, JobId, ProjectId } from "../Identifiers.ts"
import type { JsonValue } from "../Json.ts"
import type { CancelRequest, ChangedJob, JobRecord } from "./Job.ts"
import type { JobConditions } from "./JobConditions.ts"
import type { Head } from "../matching/RemainingJobs.ts"
import type { Transition } from "../attempts/Lifecycle.ts"
import type { Limits, ReachedLimit, Usage } from "../matching/Limits.ts"
import type { JobGroup } from "../matching/Matching.ts"
import type { ProjectInsert, Refusal } from "../projects/Project.ts"
import type { Seeker } from "../matching/Ranking.ts"
import type { JobHistory } from "./Timeline.ts"

const mebibyte = 1_048_576

/**
 * About how many bytes one answer may have, for jobs that are asked for by number may each be large. The first item is given
 * whatever its size.
 */
export const largestAnswer = {
  /** Of the parameters of claimed jobs. */
  claim: 16 * mebibyte,
  /** Of the parameters, results, errors, checkpoints and messages of listed jobs. */
  list: 8 * mebibyte,
  /** Of the data of progress events. */
  progress: mebibyte / 4
}

/** A job to be stored. `runAt` wins over `delay`; with neither the job is pending at once. */
export interface JobInsert {
  readonly id: JobId
  readonly group: Omit<JobGroup, "id">
  readonly parameters: JsonValue
  readonly tags: ReadonlyArray<string>
  readonly project: ProjectId | null
  readonly createdBy: string | null
  /** The schedule that creates it; null for none. */
  readonly schedule: string | null
  readonly runAt: DateTime.Utc | null
  readonly delay: Duration.Duration | null
  readonly expiresIn: Duration.Duration | null
  readonly maxAttempts: number | null
  readonly lease: Duration.Duration | null
  readonly maxRun: Duration.Duration | null
}

/** How long an idempotency key is remembered. */
export const keyLifetime = Duration.hours(24)

/** Jobs that are stored together or not at all, and the key by which a repetition is known. */
export interface Submission {
  readonly jobs: ReadonlyArray<JobInsert>
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null
  /** The project of all these jobs, which is stored with them, whether they are any or not. */
  readonly newProject?: ProjectInsert | undefined
  /** Jobs may be added to the projects of this owner; null or nothing for those of anybody. */
  readonly projectsOf?: string | null | undefined
}

/** Stored; or the key was used before, for these jobs with this fingerprint; or a project does not take its jobs. */
export type Insertion =
  | { readonly _tag: "Created"; readonly jobs: ReadonlyArray<JobRecord> }
  | {
      readonly _tag: "Repeated"
      readonly jobs: ReadonlyArray<JobId>
      readonly fingerprint: string
      /** The project that was created with them. */
      readonly project: ProjectId | null
    }
  | { readonly _tag: "Refused"; readonly project: ProjectId; readonly refusal: Refusal }

/** Where jobs may be taken from, with the clocks and the limits that the policy of their type gives. */
export interface ClaimSource {
  readonly group: JobGroup
  /** Null for a type without limits. */
  readonly limits: Limits | null
  /** When the fairness key of the group was served last: the lower, the longer ago. 0 if it is not known. */
  readonly turn: number
  /** Somebody who is not among those who ask, and for whom jobs may be kept for a while; null where nobody is. */
  readonly better: BetterWorker | null
  readonly lease: Duration.Duration
  readonly maxRun: Duration.Duration
  readonly pickup: Duration.Duration | null
}

/** Jobs for those who ask, from the sources: at most as many as there are attempts, which get these ids. */
export interface Claim {
  readonly sources: ReadonlyArray<ClaimSource>
  /** In the order in which they have waited, the longest first. Those who accept the same share one `accepted`. */
  readonly seekers: ReadonlyArray<Seeker>
  readonly attempts: ReadonlyArray<AttemptId>
}

/** A job with the live attempt that it was just given to. */
export interface ClaimedJob {
  readonly job: ChangedJob & Pick<JobRecord, "parameters">
  readonly attempt: AttemptRecord
}

/** The jobs given, by the rules of `Choosing`, and what was learnt of the sources. */
export interface Claimed {
  /** Each with the place of its seeker among those who asked. */
  readonly jobs: ReadonlyArray<ClaimedJob & { readonly seeker: number }>
  /**
   * Whether there may be more to give at once: another server was claiming from the same jobs, or they were too large to be
   * given together. Nothing else is known of the sources then.
   */
  readonly contended: boolean
  /** The limits by which a source has no more room, whether it has more jobs or not. */
  readonly reached: ReadonlyArray<ReachedLimit>
  /** The groups that have no pending jobs left. */
  readonly drained: ReadonlyArray<number>
  /** How long it takes until the first job that is left of a group may be given to one of those who want more. */
  readonly later: ReadonlyArray<{ readonly group: number; readonly left: Duration.Duration }>
  /** What is known of the first jobs that are left. */
  readonly heads: ReadonlyArray<Head>
}

/** The end of a live attempt. Takes effect only while the attempt is live and in the state that was decided upon. */
export interface AttemptEnd {
  readonly job: JobId
  readonly attempt: AttemptId
  readonly transition: Transition
  /** Takes effect only if this worker holds the attempt; null for the boss itself. */
  readonly worker: string | null
  /** Whether a cancellation was known when this was decided, and must still be; null when it made no difference. */
  readonly cancelling: boolean | null
  /** For a clock that ran out: takes effect only if it still has, for a sign of life may have come in between. */
  readonly onlyIfOverdue: boolean
}

/** One event of a worker's progress stream, as stored. */
export interface ProgressEvent {
  readonly id: number
  readonly event: string
  readonly data: string
}

/** Progress of a live attempt, which takes effect only on the high-water mark that it was decided upon. */
export interface ProgressWrite {
  readonly attempt: AttemptId
  readonly job: JobId
  readonly mark: number
  readonly events: ReadonlyArray<ProgressEvent>
  readonly percent: number | null
  readonly message: string | null
  /** Replaces what the attempt has left for the next one. Undefined leaves it. */
  readonly checkpoint: JsonValue | undefined
}

/** A live attempt after a sign of life. */
export interface LivingAttempt extends AttemptRecord {
  /** The job, if this was the first sign of life of the attempt. */
  readonly started: ChangedJob | null
}

/** The live attempt after a sign of life; null if it is over, another worker's, or its mark is not the one given. */
export type Renewed = LivingAttempt | null

/** A wish to cancel. Takes effect at once for a job that waits, after the grace for one that runs. */
export interface Cancellation {
  readonly job: JobId
  readonly grace: Duration.Duration
  /** Kept with the job unless there was one before. */
  readonly request: CancelRequest
}

/** That a live attempt is to be cancelled: how much of its grace is left by the time of the store, and why, if that was said. */
export interface PendingCancellation {
  readonly grace: Duration.Duration
  readonly reason: string | null
}

/** A wish to change a job that is not finished. */
export interface JobAmending {
  readonly job: JobId
  readonly amendment: Amendment
}

/** A job as it was changed. */
export interface Amended {
  readonly job: JobRecord
  /** How long it was to be pending for constraints to be relaxed that are new to it, where `relaxed` has come past that. */
  readonly relaxed: ReadonlyArray<Duration.Duration>
}

/** The first of what was asked for: at most as many as are wanted, and at most as many as are given at once. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Whether there was more after the last item. */
  readonly hasMore: boolean
}

/** Which jobs to list, newest first. */
export interface JobFilter extends JobConditions {
  /** Lists the jobs that are older than this one. */
  readonly before?: JobId | undefined
  readonly limit: number
}

/** What a duty did, and how long until there is more to do: null when nothing is due that the store knows of. */
export interface Due<A> {
  readonly done: ReadonlyArray<A>
  readonly next: Duration.Duration | null
}

/** How long the jobs of a group are to be pending until something is to be said of them, each time. */
export type WaitsOf = (group: JobGroup) => ReadonlyArray<Duration.Duration>

/** A job that has been pending for the time of a `Wait`. It comes without an attempt. */
export interface Waited {
  readonly job: ChangedJob
  readonly after: Duration.Duration
}

/** At most this many jobs that come before another are counted. */
export const mostAhead = 1_000

/** What is asked about a pending job: what is in use of these limits, also by these workers. */
export interface OutlookQuestion {
  readonly job: Pick<JobRecord, "id" | "group" | "runAt">
  /** Null for a type without limits. */
  readonly limits: Limits | null
  readonly workers: ReadonlySet<string>
}

/** What there is in the store that keeps a pending job from being given. */
export interface Outlook {
  /** The time of the store. */
  readonly at: DateTime.Utc
  /** How many pending jobs of its group come before it, at most `mostAhead`. */
  readonly ahead: number
  /** Null for a type without limits. */
  readonly usage: Usage | null
}

/** A job whose live attempt has overrun a clock. */
export interface Overdue {
  readonly job: JobRecord
  readonly clock: AttemptClock
}

/** A part of a job's log: where it begins, and the size of the whole log at that moment, in bytes. */
export interface LogPart {
  readonly size: number
  readonly start: number
  readonly bytes: Uint8Array
}

export class JobRepo extends Context.Service<
  JobRepo,
  {
    /**
     * Stores each submission whole, or finds that its key was used, or else that a project does not take its jobs. Keys are
     * remembered for `keyLifetime`. No job gets into a project that was closed before the call answers for it.
     */
    readonly insert: (batch: ReadonlyArray<Submission>) => Effect.Effect<ReadonlyArray<Insertion>>
    /**
     * Gives pending jobs to those who ask, as `Choosing` says, within the limits of their sources, which hold for all claims
     * of the store together. Each job given is `processing` with a new live attempt, which has the lease of the seeker, else
     * of the job, else of the source, no longer than the job's `maxRun`, else the source's.
     */
    readonly claim: (claim: Claim) => Effect.Effect<Claimed>
    /** Ends live attempts. Null for one that is over already, or no longer in the state that was decided upon. */
    readonly end: (batch: ReadonlyArray<AttemptEnd>) => Effect.Effect<ReadonlyArray<ChangedJob | null>>
    /** Renews the leases of live attempts. */
    readonly renew: (batch: ReadonlyArray<Holding>) => Effect.Effect<ReadonlyArray<Renewed>>
    /** Stores progress and renews the leases. */
    readonly recordProgress: (batch: ReadonlyArray<ProgressWrite>) => Effect.Effect<ReadonlyArray<Renewed>>
    /**
     * Cancels jobs that wait, and gives the live attempts of others until the grace is over, or an earlier one. Null for a
     * job that is unknown or finished.
     */
    readonly cancel: (batch: ReadonlyArray<Cancellation>) => Effect.Effect<ReadonlyArray<JobRecord | null>>
    /**
     * Makes failed and cancelled jobs pending again, due now, with nothing charged and the time to expire begun anew. Null
     * for a job that is neither. Their projects, if they were finished, are closed and unfinished, and not cancelled.
     */
    readonly retry: (batch: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<JobRecord | null>>
    /**
     * Changes jobs that are not finished. A new `runAt` is no earlier than now, and the job is `scheduled` if it is ahead,
     * else `pending`; of a job that is being processed it cannot be changed. Null for a job that is unknown, finished or
     * being processed though a new `runAt` is wanted, or that somebody else was changing at the same time.
     */
    readonly amend: (batch: ReadonlyArray<JobAmending>) => Effect.Effect<ReadonlyArray<Amended | null>>

    /** The jobs in the order of the ids; null for one that is unknown. */
    readonly find: (ids: ReadonlyArray<JobId>) => Effect.Effect<ReadonlyArray<JobRecord | null>>
    readonly list: (filter: JobFilter) => Effect.Effect<Page<JobRecord>>
    /** At most `limit` jobs whose live attempts are held by this worker or its instances (see `tokenNameOf`). */
    readonly heldBy: (worker: string, limit: number) => Effect.Effect<ReadonlyArray<JobRecord>>
    /** The job's version, which tells cheaply whether there is news of its state; null if it is unknown. */
    readonly version: (id: JobId) => Effect.Effect<number | null>
    readonly outlook: (question: OutlookQuestion) => Effect.Effect<Outlook>
    /** The job with its past, or null if it is unknown. Attempts are in the order in which they began. */
    readonly history: (id: JobId) => Effect.Effect<JobHistory | null>
    /** One attempt of a job, or null if the job has no such attempt. */
    readonly findAttempt: (job: JobId, attempt: AttemptId) => Effect.Effect<AttemptRecord | null>
    /** The cancellation that a live attempt has to expect; null if there is none, or no such live attempt. */
    readonly findCancellation: (job: JobId, attempt: AttemptId) => Effect.Effect<PendingCancellation | null>
    /** The progress events of an attempt with an id above `after`, in their order, at most `limit`. */
    readonly progressSince: (
      attempt: AttemptId,
      after: number,
      limit: number
    ) => Effect.Effect<Page<ProgressEvent>>
    /**
     * The bytes of the log of all attempts from `start` to before `end`, or to its end. A negative `start` counts from the
     * end, and means the whole of a log that is shorter.
     */
    readonly readLog: (job: JobId, start: number, end: number | null) => Effect.Effect<LogPart>
    /** Drops the oldest of the log until at most `cap` bytes are left, or its newest chunk, and puts a marker in its place. */
    readonly trimLog: (job: JobId, cap: number) => Effect.Effect<void>

    /** The groups that have pending jobs. */
    readonly pendingGroups: Effect.Effect<ReadonlyArray<JobGroup>>
    /** Those of these groups that there are. */
    readonly groups: (ids: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<JobGroup>>
    /** Jobs of whose live attempts a clock has run out. Ends none of them. */
    readonly overdue: (limit: number) => Effect.Effect<Due<Overdue>>
    /** Makes scheduled jobs pending whose time has come. */
    readonly promote: (limit: number) => Effect.Effect<Due<JobRecord>>
    /** Fails unfinished jobs whose `expiresAt` has passed, and ends their attempts as `timed-out`, charged to nobody. */
    readonly expire: (limit: number) => Effect.Effect<Due<JobRecord>>
    /**
     * Finds pending jobs that no worker has claimed since they were created or retried, and that have been due for the time
     * that `patience` says of their group. Each is found once, by whichever server asks first. They come without an attempt.
     * When the time of a group changes, a job that has waited for about that long may be found twice or not at all.
     */
    readonly unclaimed: (waitsOf: WaitsOf, limit: number) => Effect.Effect<Due<Waited>>
    /**
     * Finds pending jobs that have been due for as long as one of the waits of their group says. Each is found once for each
     * of them, by whichever server asks first; but not for those that were over when it came into the group by `amend`,
     * which tells of them.
     */
    readonly relaxed: (waitsOf: WaitsOf, limit: number) => Effect.Effect<Due<Waited>>
    /** Forgets idempotency keys that are older than `keyLifetime`. They count as forgotten from then on in any case. */
    readonly forgetKeys: (limit: number) => Effect.Effect<Due<string>>
    /** Succeeds if the store answers. */
    readonly ping: Effect.Effect<void>
  }
>()("lazyboss/domain/jobs/JobRepo") {}
