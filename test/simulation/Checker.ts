/** What all checkers have in common: each looks on at one thing that must never happen, by what the documents promise. */
import type { Holding } from "../../src/domain/attempts/Attempt.ts"
import type { Duration } from "effect"
import type { BulkActionId, JobId, ProjectId } from "../../src/domain/Identifiers.ts"
import type { Amendment } from "../../src/domain/jobs/Amendment.ts"
import type { ClaimedJob } from "../../src/domain/jobs/Claim.ts"
import type { Position } from "../../src/domain/jobs/Following.ts"
import type { JobJson, NewJob } from "../../src/domain/jobs/Job.ts"
import type { Signal } from "../../src/domain/attempts/ProgressExchange.ts"
import type { WorkerReport } from "../../src/domain/attempts/Reporting.ts"
import type { Vacancy } from "../../src/domain/dispatching/Vacancies.ts"
import type { ProjectEvent } from "../../src/domain/projects/ProjectFollowing.ts"
import type { Facts } from "./facts/Facts.ts"
import type { Change, Watcher } from "./facts/StoreWatch.ts"

/** What an actor saw. */
export type Sighting =
  /** A client was told that these jobs are stored, each of which is what was wished for in the same place. */
  | {
      readonly _tag: "Acknowledged"
      readonly jobs: ReadonlyArray<JobId>
      readonly wishes: ReadonlyArray<NewJob>
    }
  /** A client was told that the job is changed, and what it is like now. `askedAt` is by what has elapsed. */
  | {
      readonly _tag: "Amended"
      readonly job: JobId
      readonly amendment: Amendment
      readonly shown: JobJson
      readonly askedAt: number
    }
  /** A client was shown the job, for whose end it was ready to wait. `askedAt` is by what has elapsed. */
  | {
      readonly _tag: "Waited"
      readonly job: JobId
      readonly wait: Duration.Duration
      readonly shown: JobJson
      readonly askedAt: number
    }
  /** A supervisor was told that many jobs will be retried or cancelled. */
  | { readonly _tag: "BulkAsked"; readonly action: BulkActionId }
  /** A server knows that somebody waits for jobs, or no longer. */
  | { readonly _tag: "Waits"; readonly wait: string; readonly vacancy: Vacancy }
  | { readonly _tag: "WaitIsOver"; readonly wait: string }
  /** A while has gone by in which nothing needs to have happened. */
  | { readonly _tag: "Glance" }
  /** A worker has opened a stream of claims, was given a job on it, or told to stop one; and it is open no longer. */
  | { readonly _tag: "StreamOpened"; readonly stream: string; readonly vacancy: Vacancy }
  | { readonly _tag: "StreamGave"; readonly stream: string; readonly claimed: ClaimedJob }
  | { readonly _tag: "StreamToldToStop"; readonly stream: string; readonly claimed: ClaimedJob }
  | { readonly _tag: "StreamClosed"; readonly stream: string }
  /** A worker's heartbeat was acknowledged that it sent so many milliseconds ago, and it was told whether to stop. */
  | { readonly _tag: "Alive"; readonly holding: Holding; readonly ago: number; readonly isToStop: boolean }
  /** A worker talks with a server about an attempt: it has begun to, was told something, and no longer does. */
  | { readonly _tag: "TalkBegan"; readonly talk: string; readonly holding: Holding }
  | { readonly _tag: "TalkTold"; readonly talk: string; readonly signal: Signal }
  | { readonly _tag: "TalkEnded"; readonly talk: string }
  /** A worker was given these jobs. */
  | { readonly _tag: "Assigned"; readonly vacancy: Vacancy; readonly claimed: ReadonlyArray<ClaimedJob> }
  /** A call of the store has failed, before or after it took effect. */
  | { readonly _tag: "StoreFailed" }
  /** A server has answered whoever asked with these jobs, whether anybody hears it or not. */
  | { readonly _tag: "Answered"; readonly claimed: ReadonlyArray<ClaimedJob> }
  /** A worker says how its attempt ended, whether anybody hears it or not. */
  | { readonly _tag: "Reports"; readonly holding: Holding; readonly report: WorkerReport }
  /** A worker was told that its report is recorded. */
  | {
      readonly _tag: "Recorded"
      readonly holding: Holding
      readonly report: WorkerReport
      readonly isRepeated: boolean
    }
  /** A worker's report was refused, as is said by the problem. */
  | { readonly _tag: "Refused"; readonly holding: Holding; readonly problem: string }
  /** What became of what was said of an attempt under the name of a worker that does not hold it. */
  | { readonly _tag: "StrangerAnswered"; readonly holding: Holding; readonly answer: string }
  /** What was said to somebody who tried what must be refused, by one of these problems. */
  | {
      readonly _tag: "IntruderAnswered"
      readonly what: string
      readonly problems: ReadonlyArray<string>
      readonly said: string
    }
  /** A worker sent an event of progress. */
  | {
      readonly _tag: "Sent"
      readonly holding: Holding
      readonly id: number
      readonly event: string
      readonly data: string
    }
  /** A worker was told that its progress is stored up to here. */
  | { readonly _tag: "Seen"; readonly holding: Holding; readonly mark: number }
  /** A worker was told to send its progress again from after this mark. */
  | { readonly _tag: "Rewound"; readonly holding: Holding; readonly mark: number }
  /** A follower has begun to follow the job. */
  | { readonly _tag: "FollowBegan"; readonly follower: string; readonly job: JobId }
  /** A follower was told of a state of the job, or of progress. */
  | {
      readonly _tag: "Followed"
      readonly follower: string
      readonly job: JobId
      readonly position: Position
      readonly told: { readonly job: JobJson } | { readonly event: string; readonly data: string }
    }
  /** A follower has dealt with all that it was told, and listens for more; and it listens no longer, for it broke off. */
  | { readonly _tag: "FollowListens"; readonly follower: string; readonly job: JobId }
  | { readonly _tag: "FollowBroke"; readonly follower: string }
  /** A follower was told that there is nothing more to come. */
  | { readonly _tag: "FollowedToTheEnd"; readonly follower: string; readonly job: JobId }
  /** A client was told that this project is stored, which it wanted closed or open, with or without jobs. */
  | {
      readonly _tag: "ProjectCreated"
      readonly project: ProjectId
      readonly isClosed: boolean
      readonly hasJobs: boolean
    }
  /** A follower has begun to follow the project, and was told of it. */
  | { readonly _tag: "ProjectFollowBegan"; readonly follower: string; readonly project: ProjectId }
  | {
      readonly _tag: "ProjectTold"
      readonly follower: string
      readonly project: ProjectId
      readonly event: ProjectEvent
    }
  /** A follower of a project has dealt with all that it was told, and listens for more; and it listens no longer. */
  | { readonly _tag: "ProjectFollowListens"; readonly follower: string; readonly project: ProjectId }
  | { readonly _tag: "ProjectFollowBroke"; readonly follower: string }
  /** A follower of a project was told that there is nothing more to come. */
  | { readonly _tag: "ProjectFollowedToTheEnd"; readonly follower: string; readonly project: ProjectId }
  /** Something was asked of a server and died of it, or the log complains. */
  | { readonly _tag: "Complaint"; readonly text: string }
  /** Somebody was told that the project takes no more jobs, and perhaps that those it has are cancelled. */
  | { readonly _tag: "ProjectClosed"; readonly project: ProjectId; readonly isCancelled: boolean }
  /** A reader of the feed goes on after the item with this id, or begins. */
  | { readonly _tag: "FeedBegan"; readonly reader: string; readonly after: string | null }
  /** A reader of the feed got an item, in the order of its stream. */
  | {
      readonly _tag: "FeedItem"
      readonly reader: string
      readonly id: string
      readonly name: string
      readonly data: string
    }
  /** Something was awaited that news or a clock should have brought within so long, and has come or not. */
  | { readonly _tag: "Probed"; readonly awaited: string; readonly hasCome: boolean; readonly within: number }
  /** This job was for anybody, and nobody has waited for long enough to get it. */
  | { readonly _tag: "NobodyWaited"; readonly job: JobId; readonly within: number }
  /** From now on nothing goes wrong any more. */
  | { readonly _tag: "Calm" }
  /** Everybody is done, and this is what is left of them at the servers. */
  | { readonly _tag: "End"; readonly left: Left }
  /** All servers have stopped, and this many fibers have not ended. */
  | { readonly _tag: "Stopped"; readonly fibers: number }

/** An item of the feed, as a reader got it. */
export type FeedItem = Extract<Sighting, { readonly _tag: "FeedItem" }>

/** How many wait for jobs, watch jobs and projects, and read the feed. */
export interface Left {
  readonly waiting: number
  readonly watching: number
  readonly reading: number
}

export interface Checker {
  /** A job, a project, a schedule, a bulk action or a worker changed in the store. */
  readonly changed?: (change: Change) => void
  readonly projectChanged?: Watcher["projectChanged"]
  readonly scheduleChanged?: Watcher["scheduleChanged"]
  readonly bulkActionChanged?: Watcher["bulkActionChanged"]
  readonly workerChanged?: Watcher["workerChanged"]
  /** An actor saw something. */
  readonly saw?: (sighting: Sighting) => void
}

/** Makes a checker of a run, which says by `violated` what is wrong. */
export interface CheckerMaker {
  readonly name: string
  readonly make: (facts: Facts, violated: (text: string) => void) => Checker
}
