/** Jobs that are asked for, and those that are given. */
import type { Duration } from "effect"
import type { AttemptRecord } from "../attempts/Attempt.ts"
import type { AttemptId } from "../Identifiers.ts"
import type { BetterWorker } from "../matching/Candidates.ts"
import type { Limits, ReachedLimit } from "../matching/Limits.ts"
import type { JobGroup } from "../matching/Matching.ts"
import type { Seeker } from "../matching/Ranking.ts"
import type { Head } from "../matching/RemainingJobs.ts"
import type { ChangedJob, JobRecord } from "./Job.ts"

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
  /** The groups that are known to have no pending jobs left. */
  readonly drained: ReadonlyArray<number>
  /** How long it takes until the first job that is left of a group may be given to one of those who want more. */
  readonly later: ReadonlyArray<{ readonly group: number; readonly left: Duration.Duration }>
  /** What is known of the first jobs that are left. */
  readonly heads: ReadonlyArray<Head>
}
