/** The counts that the store keeps of its jobs, as an interface. It fails as `JobRepo` does. */
import { Context, type DateTime, type Effect } from "effect"
import type { Flow } from "./Flow.ts"

/** Since when the first pending job of a type is due. */
export interface OldestPending {
  readonly type: string
  readonly runAt: DateTime.Utc
}

export class CountsRepo extends Context.Service<
  CountsRepo,
  {
    /**
     * Everything that ever happened up to this moment, none of it left out and none counted twice. The busiest types come
     * first; those after the `mostTypes` busiest are told of together, as the type null.
     */
    readonly flows: (mostTypes: number) => Effect.Effect<ReadonlyArray<Flow>>
    /** The oldest pending jobs of these types. Types without one are left out. */
    readonly oldestPending: (types: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<OldestPending>>
    /** Adds up at most `limit` notes of what happened, which `flows` would have to read one by one: how many they were. */
    readonly rollUp: (limit: number) => Effect.Effect<number>
  }
>()("lazyboss/domain/stats/CountsRepo") {}
