/** One decision about many jobs: to retry or to cancel all that meet some conditions. */
import { type DateTime, Schema } from "effect"
import { BulkActionId, type JobId } from "../Identifiers.ts"
import { JobConditions } from "./JobConditions.ts"
import { Timestamp } from "../Timestamp.ts"

/** `retry` is for failed jobs, and for cancelled ones where that is said; `cancel` for those that are not finished. */
export const BulkVerb = Schema.Literals(["retry", "cancel"])
export type BulkVerb = typeof BulkVerb.Type

/** What a client asks for. A filter of `{}` means all jobs, and has to be said. */
export const NewBulkAction = Schema.Struct({ action: BulkVerb, filter: JobConditions }).annotate({
  identifier: "NewBulkAction"
})
export type NewBulkAction = typeof NewBulkAction.Type

/** The body of `POST /jobs/actions`: an action, which is only counted if it is a `dryRun`. */
export const AskedBulkAction = Schema.Struct({
  ...NewBulkAction.fields,
  dryRun: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "AskedBulkAction" })

/** How many jobs an action would mean if it were asked for now. */
export const BulkForecast = Schema.Struct({
  ...NewBulkAction.fields,
  dryRun: Schema.Literal(true),
  matched: Schema.Int
}).annotate({ identifier: "BulkForecast" })

/** What is asked for, spelled out: somebody meant jobs to be cancelled, so they are not brought back unless that is said. */
export const spellOut = ({ action, filter }: NewBulkAction): NewBulkAction =>
  action === "retry" && filter.status === undefined
    ? { action, filter: { ...filter, status: "failed" } }
    : { action, filter }

/** What the boss keeps of it. Jobs are taken in the order of a list, the newest first. */
export interface BulkActionRecord extends NewBulkAction {
  readonly id: BulkActionId
  /** Who asked for it, if that was said. */
  readonly by: string | null
  /** Why jobs are cancelled, if that was said. */
  readonly reason: string | null
  /** When it was asked for. What was created or finished later is not meant. */
  readonly createdAt: DateTime.Utc
  /** How many jobs were meant when it was asked for. */
  readonly matched: number
  /**
   * How many were retried or cancelled so far, those included whose workers are asked to stop. It can become more than were
   * matched: what somebody retries or amends in the meantime may be meant from then on.
   */
  readonly done: number
  /** The last job that was looked at; null at the beginning. */
  readonly cursor: JobId | null
  readonly finishedAt: DateTime.Utc | null
}

/** A bulk action as the API shows it. */
export const BulkAction = Schema.Struct({
  id: BulkActionId,
  ...NewBulkAction.fields,
  matched: Schema.Int,
  done: Schema.Int,
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp)
}).annotate({ identifier: "BulkAction" })
export type BulkAction = typeof BulkAction.Type

/** The action as the API shows it. */
export const toBulkAction = ({
  action,
  createdAt,
  done,
  filter,
  finishedAt,
  id,
  matched
}: BulkActionRecord): BulkAction => ({ id, action, filter, matched, done, createdAt, finishedAt })
