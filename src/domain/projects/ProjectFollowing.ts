/** Streams of projects: all followers of one at this server share one reader of the store, which is rate-limited. */
import { Duration, Effect, Latch, RcMap, Stream } from "effect"
import { EventHub } from "../events/EventHub.ts"
import type { ProjectId } from "../Identifiers.ts"
import { retryForever } from "../retryForever.ts"
import { type CountedProject, percentOf } from "./Project.ts"
import { ProjectRepo } from "./ProjectRepo.ts"

/** The shortest time between two reads of a project. */
const pace = Duration.millis(250)
/** So many times as long as a read took is the rest after it. */
const restAfterReading = 10
/** How often a project with running jobs is read, for their progress. */
const paceOfProgress = Duration.seconds(2)
/** How often a project is read without news of it, for such news may get lost. */
const backstop = Duration.seconds(15)

/** What a follower is told. */
export type ProjectEvent =
  | { readonly _tag: "Standing"; readonly position: string; readonly counted: CountedProject }
  | { readonly _tag: "Percent"; readonly position: string; readonly percent: number }
  | { readonly _tag: "End"; readonly position: string; readonly counted: CountedProject }

/** How far a follower has read: only the end of a project is remembered, for anything else is told anew. */
export const positionOf = ({ project: { finishedAt } }: CountedProject): string =>
  finishedAt === null ? "0" : String(finishedAt.epochMilliseconds)

/** Whether a follower that was told up to `position` has been told all, and nothing can follow. */
export const hasSeenTheEnd = (counted: CountedProject, position: string): boolean =>
  counted.project.finishedAt !== null && position === positionOf(counted)

/** What to tell a follower, who was told the `before` last. */
export const newsOf = (before: CountedProject | null, after: CountedProject): ReadonlyArray<ProjectEvent> => {
  const position = positionOf(after)
  const standing = ({ counts, project }: CountedProject) => JSON.stringify({ counts, project })
  const percent = percentOf(after)
  const events: Array<ProjectEvent> = []
  if (before === null || standing(before) !== standing(after)) {
    events.push({ _tag: "Standing", position, counted: after })
  } else if (percentOf(before) !== percent) {
    events.push({ _tag: "Percent", position, percent })
  }
  if (after.project.finishedAt !== null) events.push({ _tag: "End", position, counted: after })
  return events
}

export const make = Effect.gen(function* () {
  const repo = yield* ProjectRepo
  const hub = yield* EventHub

  // What all followers of a project read: its newest standing, null as soon as it is unknown.
  const watch = Effect.fnUntraced(function* (id: ProjectId) {
    const changed = yield* hub.watch(id)
    // How long it takes without the tries that failed: who reads little need not rest because the store was away.
    const read = retryForever("count the jobs of a project", Effect.timed(repo.count(id)))
    let [, latest] = yield* read
    let news = Latch.makeUnsafe(false)
    const look = Effect.gen(function* () {
      const rest = (latest?.counts.processing ?? 0) > 0 ? paceOfProgress : backstop
      yield* Effect.timeoutOption(changed, rest)
      const [spent, counted] = yield* read
      latest = counted
      const heard = news
      news = Latch.makeUnsafe(false)
      heard.openUnsafe()
      yield* Effect.sleep(Duration.max(pace, Duration.times(spent, restAfterReading)))
    })
    yield* Effect.forkScoped(Effect.forever(look))
    return { latest: () => latest, news: () => news }
  })
  const watched = yield* RcMap.make({ lookup: watch })

  /**
   * Follows a project: first as it is now, then whenever it or the counts of its jobs change, and in between its percent. It
   * ends after the project's end. A slow follower is told of the newest, and waits nowhere.
   */
  const follow = (id: ProjectId): Stream.Stream<ReadonlyArray<ProjectEvent>> =>
    Stream.unwrap(
      Effect.map(RcMap.get(watched, id), (source) => {
        let told: CountedProject | null = null
        let hasEnded = false
        const next = Effect.gen(function* () {
          while (true) {
            const more = source.news()
            const latest = source.latest()
            if (latest === null || hasEnded) return null
            const events = newsOf(told, latest)
            told = latest
            hasEnded = latest.project.finishedAt !== null
            if (events.length > 0) return events
            yield* more.await
          }
        })
        return Stream.takeWhile(Stream.fromEffectRepeat(next), (events) => events !== null)
      })
    )

  return { follow }
})
