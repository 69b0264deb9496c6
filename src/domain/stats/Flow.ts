/** Jobs that went from one status to another, counted. All counts of jobs are read from this, and no job is counted again. */
import { Schema } from "effect"
import { JobStatus } from "../jobs/Job.ts"

/** How many jobs of a type ever went from `before` (null: they were created) to `after` (null: they were deleted). */
export interface Flow {
  /** Null for the jobs of all types that are not told of one by one. */
  readonly type: string | null
  readonly before: JobStatus | null
  readonly after: JobStatus | null
  readonly count: number
}

/** Jobs by status, as they are now. */
export const StatusCounts = Schema.Struct({
  scheduled: Schema.Int,
  pending: Schema.Int,
  processing: Schema.Int,
  done: Schema.Int,
  failed: Schema.Int,
  cancelled: Schema.Int
}).annotate({ identifier: "StatusCounts" })
export type StatusCounts = typeof StatusCounts.Type

/** What ever happened to jobs, whether they are still kept or not. */
export const Totals = Schema.Struct({
  created: Schema.Int,
  /** Given to a worker. */
  assigned: Schema.Int,
  /** Waiting for another attempt after one that failed, was lost or was handed back. */
  returned: Schema.Int,
  done: Schema.Int,
  failed: Schema.Int,
  cancelled: Schema.Int,
  /** Made pending again by hand. */
  retried: Schema.Int
})
export type Totals = typeof Totals.Type

const sumOf = (flows: ReadonlyArray<Flow>, isMeant: (flow: Flow) => boolean): number =>
  flows.reduce((sum, flow) => (isMeant(flow) ? sum + flow.count : sum), 0)

const isWaiting = (status: JobStatus | null): boolean => status === "pending" || status === "scheduled"
const isOver = (status: JobStatus | null): boolean => status === "failed" || status === "cancelled"

export const countsOf = (flows: ReadonlyArray<Flow>): StatusCounts => {
  const jobsThatAre = (status: JobStatus) =>
    sumOf(flows, ({ after }) => after === status) - sumOf(flows, ({ before }) => before === status)
  return {
    scheduled: jobsThatAre("scheduled"),
    pending: jobsThatAre("pending"),
    processing: jobsThatAre("processing"),
    done: jobsThatAre("done"),
    failed: jobsThatAre("failed"),
    cancelled: jobsThatAre("cancelled")
  }
}

/** Where there are no jobs. */
export const noJobs: StatusCounts = countsOf([])

export const totalsOf = (flows: ReadonlyArray<Flow>): Totals => ({
  created: sumOf(flows, ({ before }) => before === null),
  assigned: sumOf(flows, ({ after }) => after === "processing"),
  returned: sumOf(flows, ({ after, before }) => before === "processing" && isWaiting(after)),
  done: sumOf(flows, ({ after }) => after === "done"),
  failed: sumOf(flows, ({ after }) => after === "failed"),
  cancelled: sumOf(flows, ({ after }) => after === "cancelled"),
  retried: sumOf(flows, ({ after, before }) => isOver(before) && isWaiting(after))
})

/** The flows of each type, in the order in which the types first come. */
export const byType = (flows: ReadonlyArray<Flow>): ReadonlyMap<string | null, ReadonlyArray<Flow>> =>
  Map.groupBy(flows, ({ type }) => type)
