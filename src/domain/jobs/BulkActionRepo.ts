/** Where bulk actions are kept, as an interface. It fails as `JobRepo` does: with defects that no caller could mend. */
import { Context, Duration, type Effect } from "effect"
import type { BulkActionRecord, NewBulkAction } from "./BulkAction.ts"
import type { BulkActionId, JobId } from "../Identifiers.ts"
import type { Due } from "../Due.ts"

/** How long a finished action is remembered at least. */
export const bulkActionLifetime = Duration.days(30)

export interface BulkActionInsert extends NewBulkAction {
  readonly id: BulkActionId
  readonly by: string | null
  readonly reason: string | null
}

/** The next jobs that an action means. */
export interface BulkPage {
  readonly jobs: ReadonlyArray<{ readonly id: JobId; readonly type: string }>
  /** The last job that was looked at, whether it was meant or not. Null where there was none. */
  readonly cursor: JobId | null
  /** Whether there was nothing after it. */
  readonly isLast: boolean
}

export class BulkActionRepo extends Context.Service<
  BulkActionRepo,
  {
    /** Counts the jobs that are meant and keeps the action, to be taken from now on. Forgets those long finished. */
    readonly add: (action: BulkActionInsert) => Effect.Effect<BulkActionRecord>
    /** Counts the jobs that would be meant now. */
    readonly count: (wish: NewBulkAction) => Effect.Effect<number>
    readonly find: (id: BulkActionId) => Effect.Effect<BulkActionRecord | null>
    /**
     * Takes an unfinished action, the one that was let go of for the longest time, so that nobody else takes it before it
     * is advanced or the `turn` is over. `next` is the time until one is free.
     */
    readonly take: (turn: Duration.Duration) => Effect.Effect<Due<BulkActionRecord>>
    /** Looks for jobs after the action's cursor, at most `limit`. There may be more though none are found. */
    readonly look: (action: BulkActionRecord, limit: number) => Effect.Effect<BulkPage>
    /**
     * Moves the action's cursor to the end of the page, counts what was `done`, and lets go of the action, which is finished
     * if the page was the last. Nothing happens if somebody else has moved the cursor in between.
     */
    readonly advance: (action: BulkActionRecord, page: BulkPage, done: number) => Effect.Effect<void>
  }
>()("lazyboss/domain/jobs/BulkActionRepo") {}
