/** Jobs that are to be created together, and what becomes of them. */
import { type DateTime, Duration } from "effect"
import type { JobId, ProjectId } from "../Identifiers.ts"
import type { JsonValue } from "../Json.ts"
import type { JobGroup } from "../matching/Matching.ts"
import type { ProjectInsert, Refusal } from "../projects/Project.ts"
import type { JobRecord } from "./Job.ts"

/** A job to be stored. `runAt` wins over `delay`; with neither the job is pending at once. */
export interface JobInsert {
  readonly id: JobId
  readonly group: Omit<JobGroup, "id">
  readonly parameters: JsonValue
  readonly tags: ReadonlyArray<string>
  readonly project: ProjectId | null
  readonly createdBy: string | null
  /** The schedule that creates it; null for none. */
  readonly schedule: string | null
  readonly runAt: DateTime.Utc | null
  readonly delay: Duration.Duration | null
  readonly expiresIn: Duration.Duration | null
  readonly maxAttempts: number | null
  readonly lease: Duration.Duration | null
  readonly maxRun: Duration.Duration | null
}

/** How long an idempotency key is remembered. */
export const keyLifetime = Duration.hours(24)

/** Jobs that are stored together or not at all, and the key by which a repetition is known. */
export interface Submission {
  readonly jobs: ReadonlyArray<JobInsert>
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null
  /** The project of all these jobs, which is stored with them, whether they are any or not. */
  readonly newProject?: ProjectInsert | undefined
  /** Jobs may be added to the projects of this owner; null or nothing for those of anybody. */
  readonly projectsOf?: string | null | undefined
}

/** Stored; or the key was used before, for these jobs with this fingerprint; or a project does not take its jobs. */
export type Insertion =
  | { readonly _tag: "Created"; readonly jobs: ReadonlyArray<JobRecord> }
  | {
      readonly _tag: "Repeated"
      readonly jobs: ReadonlyArray<JobId>
      readonly fingerprint: string
      /** The project that was created with them. */
      readonly project: ProjectId | null
    }
  | { readonly _tag: "Refused"; readonly project: ProjectId; readonly refusal: Refusal }
