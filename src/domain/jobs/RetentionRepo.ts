/** How finished jobs leave the store, as an interface. It fails as `JobRepo` does: with defects that no caller could mend. */
import { Context, type Duration, type Effect } from "effect"
import type { Retention } from "../policies/Policy.ts"

/** Finished jobs of a type that are at least of this age. The kind `failed` is for cancelled ones too, as in the policy. */
export interface FinishedJobs {
  readonly type: string
  readonly kind: keyof Retention
  readonly age: Duration.Duration
}

export class RetentionRepo extends Context.Service<
  RetentionRepo,
  {
    /** Of each type and kind that there are finished jobs of, those that finished first. */
    readonly oldest: Effect.Effect<ReadonlyArray<FinishedJobs>>
    /**
     * Deletes jobs of these ages or older with all that is kept of them, at most `limit`, and says how many. A job that
     * somebody is changing at this moment is left for another time.
     */
    readonly deleteFinished: (outdated: ReadonlyArray<FinishedJobs>, limit: number) => Effect.Effect<number>
  }
>()("lazyboss/domain/jobs/RetentionRepo") {}
