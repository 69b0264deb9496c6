/** How things stand, for whoever looks at all of it at once. */
import { Schema } from "effect"
import { DurationText } from "../Duration.ts"
import { noJobs, StatusCounts, Totals, totalsOf } from "./Flow.ts"
import { Name } from "../Identifiers.ts"
import type { Policy } from "../policies/Policy.ts"
import { Timestamp } from "../Timestamp.ts"

/** Per second, over the last minute or what is known of it. */
export const Rates = Schema.Struct({
  created: Schema.Finite,
  assigned: Schema.Finite,
  done: Schema.Finite,
  failed: Schema.Finite
}).annotate({ identifier: "Rates" })
export type Rates = typeof Rates.Type

const standing = {
  counts: StatusCounts,
  totals: Totals,
  /** Null while there is nothing to compare with: nobody has asked in the last minute. */
  rates: Schema.NullOr(Rates),
  /** The share of failed ones among the jobs that were done or failed in the last minute; null if there were none. */
  failureRate: Schema.NullOr(Schema.Finite)
}

export const TypeStats = Schema.Struct({
  type: Name,
  ...standing,
  paused: Schema.Boolean,
  /** How many jobs of the type may run at the same time; null if there is no limit. */
  concurrency: Schema.NullOr(Schema.Int),
  /** Since when the pending job that waits for longest is due; null if none is pending. */
  oldestPending: Schema.NullOr(Timestamp)
}).annotate({ identifier: "TypeStats" })
export type TypeStats = typeof TypeStats.Type

/** How it stands with a type of which there never was a job. */
export const strangerStats = (type: string, { concurrency, paused }: Policy): TypeStats => ({
  type,
  counts: noJobs,
  totals: totalsOf([]),
  rates: null,
  failureRate: null,
  paused,
  concurrency,
  oldestPending: null
})

/** What half and what 95 of 100 values are not above. */
export const Spread = Schema.Struct({ p50: DurationText, p95: DurationText }).annotate({
  identifier: "Spread"
})
export type Spread = typeof Spread.Type

export const StatsSnapshot = Schema.Struct({
  at: Timestamp,
  /** The busiest types first. */
  types: Schema.Array(TypeStats),
  /** Whether there are more types than are listed. */
  truncated: Schema.Boolean,
  /** All types together, those not listed included. */
  total: Schema.Struct(standing),
  /** About the server that answers: the version, and since when it runs. */
  version: Schema.String,
  uptime: DurationText,
  /** The workers that wait for jobs at this server. */
  vacancies: Schema.Int,
  /** How long jobs that this server gave away had been due, in the last minutes; null if there were none. */
  wait: Schema.NullOr(Spread),
  /** How long attempts took that ended at this server in the last minutes; null if there were none. */
  run: Schema.NullOr(Spread),
  /** Open streams at this server, by what they are for. */
  streams: Schema.Struct({
    followers: Schema.Int,
    events: Schema.Int,
    progress: Schema.Int,
    claims: Schema.Int
  })
}).annotate({ identifier: "Stats" })
export type StatsSnapshot = typeof StatsSnapshot.Type
