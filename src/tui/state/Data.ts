/** What was heard of the server, and how much of it is kept. */
import type { Attempt } from "../../domain/attempts/Attempt.ts"
import type { BossEventJson } from "../../domain/events/BossEvent.ts"
import type { Explanation } from "../../domain/explaining/Explanation.ts"
import type { Job } from "../../domain/jobs/Job.ts"
import type { Project, ProjectStanding } from "../../domain/projects/Project.ts"
import type { Schedule } from "../../domain/schedules/Schedule.ts"
import type { StatsSnapshot } from "../../domain/stats/StatsSnapshot.ts"
import type { Worker } from "../../domain/workers/Worker.ts"
import type { ToldEvent } from "./ToldEvent.ts"

/** Events that are kept to be looked at; the oldest are forgotten. */
export const mostEvents = 1_000
/** Alerts that are kept; the oldest are forgotten. */
export const mostAlerts = 100
/** How many jobs of an alert are told apart. */
export const mostAlertedJobs = 1_000
/** Samples of the rates, one a second: five minutes. */
export const mostSamples = 300
/** Lines of a job's log that are kept; the oldest are forgotten. */
export const mostLogLines = 5_000
/** How many jobs are read at first, and again whenever the end of the list is reached. */
export const pageSize = 100
/** The most jobs that are read: beyond them a filter finds what is looked for. */
export const mostJobs = 1_000

/** An event, as it was heard. */
export interface HeardEvent {
  /** Counts the events that were heard here. */
  readonly number: number
  readonly told: ToldEvent
}

/** Something that a supervisor should look at. */
export interface Alert {
  readonly kind: "unclaimed" | "lost"
  /** Tells what it is about: a type that is unclaimed, a worker that was lost. */
  readonly key: string
  /** The last event of it. */
  readonly event: BossEventJson
  readonly at: number
  /** The jobs that it is about. */
  readonly jobs: ReadonlySet<string>
}

/** How many jobs were created and ended in a second. */
export interface Sample {
  readonly at: number
  readonly created: number
  readonly done: number
  readonly failed: number
}

/** What was read for the place that is shown. */
export type Page =
  | { readonly kind: "jobs"; readonly items: ReadonlyArray<Job>; readonly hasMore: boolean }
  | { readonly kind: "workers"; readonly items: ReadonlyArray<Worker>; readonly hasMore: boolean }
  | {
      readonly kind: "projects"
      readonly projects: ReadonlyArray<Project>
      readonly standings: ReadonlyMap<string, ProjectStanding>
      /** Null if they may not be looked at. */
      readonly schedules: ReadonlyArray<Schedule> | null
    }
  /** A worker, and the jobs that name it. */
  | { readonly kind: "worker"; readonly worker: Worker; readonly jobs: ReadonlyArray<Job> }
  | {
      readonly kind: "job"
      readonly job: Job | null
      readonly attempts: ReadonlyArray<Attempt>
      readonly explanation: Explanation | null
      readonly log: ReadonlyArray<string>
      /** How many lines of the log were forgotten. */
      readonly forgotten: number
    }

/** What was heard of the server. */
export interface Data {
  readonly stats: StatsSnapshot | null
  readonly samples: ReadonlyArray<Sample>
  /** The oldest first. */
  readonly events: ReadonlyArray<HeardEvent>
  readonly alerts: ReadonlyArray<Alert>
  /** What the page was asked for; see `wishOf`. */
  readonly pageKey: string | null
  readonly page: Page | null
  /** Why the page could not be read. */
  readonly pageProblem: string | null
}

export const nothingHeard: Data = {
  stats: null,
  samples: [],
  events: [],
  alerts: [],
  pageKey: null,
  page: null,
  pageProblem: null
}
