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
import { Context, type Effect } from "effect"
import type { AttemptRecord, Holding } from "../attempts/Attempt.ts"
import type { AttemptEnd, Overdue } from "../attempts/AttemptEnd.ts"
import type { LogPart } from "../attempts/LogPart.ts"
import type { ProgressEvent, ProgressWrite, Renewed } from "../attempts/SignOfLife.ts"
import type { Due } from "../Due.ts"
import type { Outlook, OutlookQuestion } from "../explaining/Outlook.ts"
import type { AttemptId, JobId } from "../Identifiers.ts"
import type { JobGroup } from "../matching/Matching.ts"
import type { Page } from "../Page.ts"
import type { Amended, JobAmending } from "./Amendment.ts"
import type { Cancellation, PendingCancellation } from "./Cancellation.ts"
import type { Claim, Claimed } from "./Claim.ts"
import type { ChangedJob, JobRecord } from "./Job.ts"
import type { JobFilter } from "./JobConditions.ts"
import type { Insertion, Submission } from "./Submission.ts"
import type { JobHistory } from "./Timeline.ts"
import type { Waited, WaitsOf } from "./Waited.ts"

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
