/** A set of independent jobs that are followed, closed and cancelled together: what is kept of it, and what is shown. */
import { type DateTime, Schema } from "effect"
import { type Caller, ownerOf } from "../access/Caller.ts"
import { ProjectId, ProjectName } from "../Identifiers.ts"
import { StatusCounts } from "../stats/Flow.ts"
import { CancelRequest } from "../jobs/Job.ts"
import { isShortAsJson, JsonValue } from "../Json.ts"
import { Timestamp } from "../Timestamp.ts"

/** The most characters that the metadata of a project may have as JSON. */
const longestMetadata = 8_192

/** What people want to know of a project beside its name. Any JSON, which means nothing to lazyboss. */
export const ProjectMetadata = JsonValue.check(isShortAsJson(longestMetadata))

/**
 * `open` takes jobs; `closed` takes no more, and some are unfinished; `finished` when all are finished; `cancelled` from
 * when somebody wants all its jobs cancelled, which they are by `finishedAt`.
 */
export const ProjectStatus = Schema.Literals(["open", "closed", "finished", "cancelled"])
export type ProjectStatus = typeof ProjectStatus.Type

/** A project to be stored. */
export interface ProjectInsert {
  readonly id: ProjectId
  readonly name: string
  readonly metadata: JsonValue
  readonly isClosed: boolean
  readonly createdBy: string | null
}

/** What the boss keeps of a project. */
export interface ProjectRecord {
  readonly id: ProjectId
  readonly name: string
  readonly metadata: JsonValue
  /** The name of the token that it was created with; null if nobody said who it was. */
  readonly createdBy: string | null
  readonly createdAt: DateTime.Utc
  readonly closedAt: DateTime.Utc | null
  /** The first wish to cancel it. */
  readonly cancelRequest: CancelRequest | null
  /** When it was seen that it is closed and has no unfinished jobs. */
  readonly finishedAt: DateTime.Utc | null
}

/**
 * A project beside how it stands with its jobs. Once it is finished the counts are those of that moment, though its jobs be
 * deleted since.
 */
export interface CountedProject {
  readonly project: ProjectRecord
  readonly counts: StatusCounts
  /** The sum of what the running jobs say of their progress, in percent of one job each. */
  readonly runningPercent: number
}

/** A project as the API shows it in lists. */
export const Project = Schema.Struct({
  id: ProjectId,
  name: ProjectName,
  metadata: JsonValue,
  status: ProjectStatus,
  closed: Schema.Boolean,
  createdBy: Schema.NullOr(Schema.String),
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp),
  cancelRequest: Schema.NullOr(CancelRequest)
}).annotate({ identifier: "Project" })
export type Project = typeof Project.Type

/** A project as the API shows it alone: with its jobs, counted. */
export const ProjectStanding = Schema.Struct({
  ...Project.fields,
  counts: StatusCounts,
  percent: Schema.Int
}).annotate({ identifier: "ProjectStanding" })
export type ProjectStanding = typeof ProjectStanding.Type

const statusOf = ({ cancelRequest, closedAt, finishedAt }: ProjectRecord): ProjectStatus => {
  if (cancelRequest !== null) return "cancelled"
  if (finishedAt !== null) return "finished"
  return closedAt === null ? "open" : "closed"
}

/**
 * How far all jobs have come, in whole percent: a finished job counts in full, a running one by its own progress. Less than
 * 100 as long as one is unfinished. Without jobs, 100 if none can come any more.
 */
export const percentOf = ({ counts, project, runningPercent }: CountedProject): number => {
  const finished = counts.done + counts.failed + counts.cancelled
  const total = finished + counts.scheduled + counts.pending + counts.processing
  if (total === finished && (total > 0 || project.closedAt !== null)) return 100
  return total === 0 ? 0 : Math.min(99, Math.floor((finished * 100 + runningPercent) / total))
}

/** The project as the API shows it in lists. */
export const toProject = (record: ProjectRecord): Project => ({
  id: record.id,
  name: record.name,
  metadata: record.metadata,
  status: statusOf(record),
  closed: record.closedAt !== null,
  createdBy: record.createdBy,
  createdAt: record.createdAt,
  finishedAt: record.finishedAt,
  cancelRequest: record.cancelRequest
})

/** The project as the API shows it alone. */
export const toStanding = (counted: CountedProject): ProjectStanding => ({
  ...toProject(counted.project),
  counts: counted.counts,
  percent: percentOf(counted)
})

/** Whose projects the caller may add jobs to; null for those of anybody. A name that nobody has, for a caller without one. */
export const addsToProjectsOf = (caller: Caller): string | null =>
  caller.role === "supervisor" ? null : (ownerOf(caller) ?? "")

/** Why a project does not take a job. */
export type Refusal = "unknown" | "foreign" | "closed"

/** Whether and why a project does not take the jobs of somebody who may add to the projects of `owner`. */
export const refusalOf = (
  project: Pick<ProjectRecord, "createdBy" | "closedAt"> | undefined,
  owner: string | null
): Refusal | null => {
  if (project === undefined) return "unknown"
  if (owner !== null && project.createdBy !== owner) return "foreign"
  return project.closedAt === null ? null : "closed"
}
