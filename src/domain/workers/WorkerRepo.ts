/** Where it is kept what is known of workers, as an interface. It fails as `JobRepo` does. */
import { Context, type DateTime, type Duration, type Effect } from "effect"
import type { Due } from "../Due.ts"
import type { Page } from "../Page.ts"
import type { Suitability } from "../matching/Matching.ts"
import type { Quarantine } from "../policies/Policy.ts"
import type { Worker, WorkerState } from "./Worker.ts"

/** That a worker was heard of, and what it asked for if it did. */
export interface Sighting {
  readonly worker: string
  readonly suitability: Suitability | null
}

/** What a worker has made of jobs of a type since it was last written down. */
export interface WorkDone {
  readonly worker: string
  readonly type: string
  readonly done: number
  readonly failed: number
  readonly lost: number
  /** How long the last of them ran, the newest first. */
  readonly runs: ReadonlyArray<Duration.Duration>
}

/** A key for what is gathered of one worker and one type. Neither has a space in its name. */
export const keyOf = ({ type, worker }: { readonly worker: string; readonly type: string }): string =>
  `${worker} ${type}`

/** The state into which the supervisor puts a worker. */
export interface StateChange {
  readonly worker: string
  readonly state: WorkerState
  readonly reason: string | null
  readonly by: string | null
}

/** A worker that the supervisor or a quarantine keeps from jobs. */
export interface Restricted {
  readonly worker: string
  readonly state: WorkerState
  readonly quarantines: ReadonlyArray<{ readonly type: string; readonly left: Duration.Duration }>
}

/** A worker that failed or lost a job of a type, and what the type's policy says of that. */
export interface Suspicion {
  readonly worker: string
  readonly type: string
  readonly quarantine: Quarantine
}

/** A worker that was put into quarantine for a type. */
export interface Quarantined {
  readonly worker: string
  readonly type: string
  readonly until: DateTime.Utc
}

export class WorkerRepo extends Context.Service<
  WorkerRepo,
  {
    /** Takes note of workers, none of them twice. Returns the names of those that were not present before. */
    readonly see: (batch: ReadonlyArray<Sighting>) => Effect.Effect<ReadonlyArray<string>>
    /** Adds to the records of workers, none of them twice for a type. */
    readonly credit: (batch: ReadonlyArray<WorkDone>) => Effect.Effect<void>
    /** Puts a worker, which need not be known, into a state. */
    readonly change: (change: StateChange) => Effect.Effect<void>
    /** The workers of these names that are known, ordered by name. */
    readonly find: (names: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Worker>>
    /** The first workers after a name, ordered by name. */
    readonly list: (filter: {
      readonly after: string | null
      readonly state: WorkerState | null
      readonly limit: number
    }) => Effect.Effect<Page<Worker>>
    /** The first workers that are present, ordered by name. */
    readonly present: (limit: number) => Effect.Effect<Page<Worker>>
    /** Everybody who is kept from anything at this moment. */
    readonly restricted: Effect.Effect<ReadonlyArray<Restricted>>
    /**
     * Puts workers into quarantine that have failed or lost as many jobs of a type as the policy says, if they are not in
     * it already. What they failed before counts no more after it. Returns those that were put into it. No worker is
     * suspected twice for a type.
     */
    readonly quarantine: (batch: ReadonlyArray<Suspicion>) => Effect.Effect<ReadonlyArray<Quarantined>>
    /** Takes note of workers that are gone, and returns their names. */
    readonly noticeGone: (limit: number) => Effect.Effect<Due<string>>
    /** Forgets workers that were gone for long, whose names it returns, and failures that no policy remembers. */
    readonly forget: (limit: number) => Effect.Effect<Due<string>>
  }
>()("lazyboss/domain/workers/WorkerRepo") {}
