/** Where schedules are kept, as an interface. It fails as `JobRepo` does: with defects that no caller could mend. */
import { Context, type DateTime, type Effect } from "effect"
import type { JobId } from "../Identifiers.ts"
import type { Cancellation } from "../jobs/Cancellation.ts"
import type { Due } from "../Due.ts"
import type { Page } from "../Page.ts"
import type { JobInsert } from "../jobs/Submission.ts"
import type { JobRecord } from "../jobs/Job.ts"
import type { ScheduleRecord, ScheduleRules } from "./Schedule.ts"

/** At most this many unfinished jobs of a schedule are found at once. */
export const mostUnfinished = 1_000

/** A schedule as it stands at the moment, which is `now` for the store. */
export interface ScheduleState {
  readonly schedule: ScheduleRecord
  /** Its unfinished jobs, the oldest first. They are only looked for if jobs of the schedule must not overlap. */
  readonly unfinished: ReadonlyArray<{ readonly id: JobId; readonly type: string }>
  readonly now: DateTime.Utc
}

/** What a schedule is to be from now on. */
export interface ScheduleChange {
  readonly rules: ScheduleRules
  readonly nextTick: DateTime.Utc | null
}

/** Jobs of a schedule to be created. Takes effect whole, and only on the version that it was decided upon. */
export interface Firing {
  readonly schedule: string
  readonly version: number
  readonly cancellations: ReadonlyArray<Cancellation>
  readonly jobs: ReadonlyArray<JobInsert>
  /** The last tick that is seen to by this; null if it has nothing to do with ticks. */
  readonly lastTick: DateTime.Utc | null
  readonly nextTick: DateTime.Utc | null
}

/** What a firing has changed. */
export interface Fired {
  readonly cancelled: ReadonlyArray<JobRecord>
  readonly created: ReadonlyArray<JobRecord>
}

export class ScheduleRepo extends Context.Service<
  ScheduleRepo,
  {
    /** Replaces a schedule by what `change` makes of it, or makes it. Changes of one come one after another. */
    readonly change: (
      name: string,
      by: string | null,
      change: (before: ScheduleRecord | null, now: DateTime.Utc) => ScheduleChange
    ) => Effect.Effect<{ readonly before: ScheduleRecord | null; readonly after: ScheduleRecord }>
    /** Forgets a schedule, but not its jobs. False if there was none. */
    readonly remove: (name: string) => Effect.Effect<boolean>
    readonly find: (name: string) => Effect.Effect<ScheduleState | null>
    /** Schedules by name, those after a name if one is given. */
    readonly list: (after: string | null, limit: number) => Effect.Effect<Page<ScheduleRecord>>
    /**
     * Schedules of which a tick has come, but for those in some time zones. Those that have not fired for the longest time
     * come first.
     */
    readonly due: (limit: number, unknownZones: ReadonlySet<string>) => Effect.Effect<Due<ScheduleState>>
    /** Null where somebody else came first: the schedule has another version, or is no more. */
    readonly fire: (batch: ReadonlyArray<Firing>) => Effect.Effect<ReadonlyArray<Fired | null>>
  }
>()("lazyboss/domain/schedules/ScheduleRepo") {}
