/** The kinds of changes of a job that are published, and what is told beside the job itself. */
import type { Duration } from "effect"
import type { NearestMiss } from "../explaining/Ability.ts"
import type { JsonValue } from "../Json.ts"

/** What happened to a job. */
export type JobChange =
  /** It was created. */
  | "created"
  /** Its time has come, and it is pending now. */
  | "promoted"
  /** It was given to a worker. */
  | "assigned"
  /** Its live attempt ended, which may have ended the job. */
  | "ended"
  /** It was cancelled, or its worker is asked to stop. */
  | "cancelled"
  /** It was made pending again by hand. */
  | "retried"
  /** It was not finished in time. */
  | "expired"
  /** Its live attempt gave its first sign of life. */
  | "started"
  /** Its priority, time, tags or constraints were changed. */
  | "amended"
  /** No worker has claimed it for so long that somebody should know. */
  | "unclaimed"
  /** It has waited for so long that constraints of it have become wishes. */
  | "relaxed"

/** How many live workers could take a job; if none can, why not. */
export interface Takers {
  readonly able: number
  /** Whether there may be more of them, because not all were looked at. */
  readonly atLeast: boolean
  readonly reason: string | null
  readonly nearest: NearestMiss | null
}

/** What only those who change a job know: not the job itself. */
export interface Circumstances {
  /** Who decided it; null for the boss itself, and for somebody without a name. */
  readonly by: string | null
  /** What went wrong; null for nothing. */
  readonly error: JsonValue
  /** Of an unclaimed job: who could take it. */
  readonly takers?: Takers
  /** Of a relaxed job: how long it was pending when the constraints became wishes for which that long is said. */
  readonly relaxedAfter?: Duration.Duration
}

/** Whether attempts may have ended by it that were running before. */
export const endsAttempts = (change: JobChange): boolean => change === "ended" || change === "expired"
