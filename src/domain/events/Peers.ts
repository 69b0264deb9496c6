/** The other servers on the same store, and the news that they tell one another. */
import { Context, Effect, Layer, Schema, Stream } from "effect"
import type { JobId, ProjectId } from "../Identifiers.ts"
import type { BossEventJson } from "./BossEvent.ts"

/** The parts of the supervisor's rules. Each is cached apart (see `Mirror`). */
export const Rules = Schema.Literals(["policies", "schedules", "states of workers", "tokens"])
export type Rules = typeof Rules.Type

/** What servers on one store tell one another. */
export interface News {
  /** Jobs whose state changed. */
  readonly jobs: ReadonlyArray<JobId>
  /** Jobs of which there is progress. */
  readonly progress: ReadonlyArray<JobId>
  /** Projects that changed, or of which a job did. */
  readonly projects: ReadonlyArray<ProjectId>
  /** Groups with new pending jobs. */
  readonly groups: ReadonlyArray<number>
  /** Which of the supervisor's rules changed. */
  readonly supervision: ReadonlyArray<Rules>
  /** Whether supervisors read this server's feed, which wants the events of all servers. */
  readonly wantsEvents: boolean
  /** Events for the feeds of the others. */
  readonly events: ReadonlyArray<BossEventJson>
  /** Whether there were more events than are told. */
  readonly missedEvents: boolean
  /** Types of which an attempt ended, so that a limit may have room again. */
  readonly freed: ReadonlyArray<string>
}

/** No news. */
export const noNews: News = {
  jobs: [],
  progress: [],
  projects: [],
  groups: [],
  supervision: [],
  wantsEvents: false,
  events: [],
  missedEvents: false,
  freed: []
}

/** Stands for any news: sent after a time in which messages of other servers may have been lost. */
export const anything = "anything"

/** The other servers on the same store. */
export class Peers extends Context.Service<
  Peers,
  {
    /** Sends news soon, without waiting for it. News may get lost: readers then find out later, at their backstops. */
    readonly tell: (news: News) => Effect.Effect<void>
    /** What the others tell; `anything` after a time in which news may have been missed. */
    readonly news: Stream.Stream<News | typeof anything>
  }
>()("lazyboss/domain/events/Peers") {
  /** No other servers: for a store that only this process can open. */
  static readonly none = Layer.succeed(Peers, { tell: () => Effect.void, news: Stream.never })
}
