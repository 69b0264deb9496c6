/** A job as a stream of events: its states, and in between the progress of its attempts, from any position on. */
import { Duration, Effect, Option, Queue, Stream } from "effect"
import { EventHub } from "../events/EventHub.ts"
import type { AttemptId, JobId } from "../Identifiers.ts"
import { isFinished, type JobJson } from "./Job.ts"
import { toJob } from "./toJob.ts"
import { JobRepo } from "./JobRepo.ts"
import type { ProgressEvent } from "../attempts/SignOfLife.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import { type JobHistory, statesSince } from "./Timeline.ts"

/**
 * How far a follower has read. Positions are ordered by the version of the job, then by the id of the last progress event
 * that was told of the attempt that lives in that version. An amendment makes a new version in the middle of an attempt:
 * its position keeps the id, for what was told of the attempt before is not told again.
 */
export interface Position {
  readonly version: number
  readonly event: number
}

export const formatPosition = ({ event, version }: Position): string => `${version}.${event}`

export const parsePosition = (text: string): Option.Option<Position> => {
  const [, version, event] = /^(\d{1,9})\.(\d{1,15})$/.exec(text) ?? []
  return version === undefined || event === undefined
    ? Option.none()
    : Option.some({ version: Number(version), event: Number(event) })
}

/** Where a follower is when a history was told: its position, the version of the job, and the attempt that lives in it. */
interface Told {
  readonly position: Position
  readonly version: number
  readonly attempt: AttemptId | null
}

/** What a follower is told. */
export type FollowEvent =
  | { readonly _tag: "State"; readonly position: Position; readonly job: JobJson }
  | { readonly _tag: "Progress"; readonly position: Position; readonly event: ProgressEvent }

/** At most this many progress events are read at a time. */
const pageSize = 256
/** How many events are buffered for a slow reader. The rest stays in the store. */
const bufferSize = 16
/** How often a follower reads the job without news of it, for such news may get lost. */
const backstop = Duration.seconds(30)

/** Whether a follower at this position has been told all, and nothing can follow. */
export const hasSeenTheEnd = (history: JobHistory, position: Position): boolean =>
  isFinished(history.job.status) && position.version >= history.job.version

export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const policies = yield* SupervisorPolicy

  /**
   * Follows a job. Without a position it begins with the job as it is now, then what its live attempt has logged so
   * far, and goes on with every change; with one it goes on from there, without a gap or a repetition. It ends after
   * the job's end.
   */
  const follow = (id: JobId, from: Option.Option<Position>): Stream.Stream<FollowEvent> =>
    Stream.callback<FollowEvent>(
      (queue) =>
        Effect.gen(function* () {
          const changed = yield* hub.watch(id, { progress: true })

          // The first state shows the percent and message of the live attempt already; its log has no place in it.
          const tellProgress = Effect.fnUntraced(function* (
            attempt: AttemptId,
            begin: Position,
            shownUpTo: number
          ) {
            let position = begin
            while (true) {
              const page = yield* repo.progressSince(attempt, position.event, pageSize)
              for (const event of page.items) {
                position = { version: begin.version, event: event.id }
                const isShown =
                  event.id <= shownUpTo && (event.event === "percent" || event.event === "message")
                if (!isShown && event.event !== "checkpoint") {
                  yield* Queue.offer(queue, { _tag: "Progress", position, event })
                }
              }
              if (!page.hasMore) return position
            }
          })

          // Until there is another state, all that can be new is progress of the attempt that lives in this one. What
          // comes after the version was read is before the next state, whenever that comes.
          const tellMore = Effect.fnUntraced(function* ({ attempt, position: begin, version }: Told) {
            let position = begin
            while (true) {
              yield* Effect.timeoutOption(changed, backstop)
              if ((yield* repo.version(id)) !== version) return position
              if (attempt !== null) position = yield* tellProgress(attempt, position, 0)
            }
          })

          const tellNews = Effect.fnUntraced(function* (history: JobHistory, seen: Option.Option<Position>) {
            const policy = policies.of(history.job.group.type)
            const isFirst = Option.isNone(seen)
            let position = Option.getOrElse(seen, (): Position => ({
              version: history.job.version - 1,
              event: 0
            }))
            let attempt: AttemptId | null = null
            for (const state of statesSince(history, isFirst ? position.version : position.version - 1)) {
              const live = state.status === "processing" ? (state.attempt?.id ?? null) : null
              if (state.version > position.version) {
                const isSameAttempt = live !== null && live === attempt
                position = { version: state.version, event: isSameAttempt ? position.event : 0 }
                yield* Queue.offer(queue, { _tag: "State", position, job: toJob(state, policy) })
              }
              attempt = live
              if (attempt !== null) {
                const shownUpTo = isFirst ? (history.job.attempt?.mark ?? 0) : 0
                position = yield* tellProgress(attempt, position, shownUpTo)
              }
            }
            return { position, attempt, version: history.job.version }
          })

          const history = repo.history(id)
          let past = yield* history
          let seen = from
          while (past !== null) {
            const told: Told = yield* tellNews(past, seen)
            if (hasSeenTheEnd(past, told.position)) break
            seen = Option.some(yield* tellMore(told))
            past = yield* history
          }
          yield* Queue.end(queue)
        }),
      { bufferSize, strategy: "suspend" }
    )

  return { follow }
})
