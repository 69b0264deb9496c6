/** What the store knows of the prospects of a pending job. */
import type { DateTime } from "effect"
import type { JobRecord } from "../jobs/Job.ts"
import type { Limits, Usage } from "../matching/Limits.ts"

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
