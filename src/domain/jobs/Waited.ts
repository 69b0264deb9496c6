/** Jobs that have been pending for so long that something is to be said of them. */
import type { Duration } from "effect"
import type { JobGroup } from "../matching/Matching.ts"
import type { ChangedJob } from "./Job.ts"

/** How long the jobs of a group are to be pending until something is to be said of them, each time. */
export type WaitsOf = (group: JobGroup) => ReadonlyArray<Duration.Duration>

/** A job that has been pending for the time of a `Wait`. It comes without an attempt. */
export interface Waited {
  readonly job: ChangedJob
  readonly after: Duration.Duration
}
