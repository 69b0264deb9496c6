/** What a server hears of pending jobs, and how it asks the store about those of which it may not have heard. */
import { Array as Arr, Clock, Duration, Effect, Random, Result } from "effect"
import * as Backlog from "./Backlog.ts"
import type { Deadlines } from "../Deadlines.ts"
import type { NewWork } from "../events/EventHub.ts"
import type { ReachedLimits } from "./ReachedLimits.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import type { JobGroup } from "../matching/Matching.ts"
import { matchOf } from "../matching/Ranking.ts"
import { largestClaim } from "./Serving.ts"
import type { Vacancies } from "./Vacancies.ts"

/** When more groups have pending jobs than can be known, so long is rested before the store is asked for the others. */
const restWhenDropping = Duration.seconds(1)

export interface WorkNews {
  /** Takes note of about `count` more pending jobs of a group, heard at a time in milliseconds. */
  readonly hear: (group: JobGroup, count: number, at: number) => void
  /** Takes note of what the hub tells. */
  readonly take: (work: NewWork) => Effect.Effect<void>
  /** There may be work that was not heard of: the store is asked when somebody waits. */
  readonly suspectMissed: () => void
  /** Asks the store about what may be pending without being known here, if there may be anything. */
  readonly catchUp: Effect.Effect<void>
}

export const make = Effect.fnUntraced(function* ({
  backlog,
  deadlines,
  reachedLimits,
  vacancies,
  wake
}: {
  readonly backlog: Backlog.Backlog
  readonly deadlines: Deadlines["Service"]
  readonly reachedLimits: ReachedLimits
  readonly vacancies: Vacancies
  /** Called when the store is to be asked. */
  readonly wake: () => void
}): Effect.fn.Return<WorkNews, never, JobRepo> {
  const repo = yield* JobRepo

  let mayHaveMissed = false
  const suspectMissed = () => {
    mayHaveMissed = true
    wake()
  }

  let isDropping = false
  const hear = (group: JobGroup, count: number, at: number) => {
    if (backlog.hear(group, count, at) || isDropping) return
    isDropping = true
    deadlines.set(restWhenDropping, () => {
      isDropping = false
      suspectMissed()
    })
  }

  // Of more groups than can be known, those for who waits here are heard of last, lest they be dropped, and else chance
  // decides, so that each has its turn.
  const inOrderOfUse = Effect.fnUntraced(function* (groups: ReadonlyArray<JobGroup>) {
    if (groups.length <= Backlog.mostKnown) return groups
    const kinds = vacancies.kinds()
    const [useful, others] = Arr.partition(yield* Random.shuffle(groups), (group) =>
      kinds.some(({ suitability }) => matchOf(suitability, group) !== null)
        ? Result.succeed(group)
        : Result.fail(group)
    )
    return [...others, ...useful]
  })

  // Groups of which other servers have told no more than the ids.
  const strangers = new Set<number>()

  const askForAll = Effect.gen(function* () {
    mayHaveMissed = false
    strangers.clear()
    const forgetOthers = backlog.beginAnew()
    const groups = yield* repo.pendingGroups
    const pending = new Set(groups.map(({ id }) => id))
    forgetOthers((id) => pending.has(id))
    const now = yield* Clock.currentTimeMillis
    for (const group of yield* inOrderOfUse(groups)) hear(group, largestClaim, now)
    reachedLimits.clear()
  }).pipe(
    Effect.onError(() =>
      Effect.sync(() => {
        mayHaveMissed = true
      })
    )
  )

  const askForStrangers = Effect.gen(function* () {
    const asked = [...strangers]
    const groups = yield* repo.groups(asked)
    for (const id of asked) strangers.delete(id)
    const now = yield* Clock.currentTimeMillis
    for (const group of groups) hear(group, largestClaim, now)
  })

  const hearOfElsewhere = (id: number, now: number) => {
    const group = backlog.get(id)
    if (group !== undefined) return hear(group, largestClaim, now)
    strangers.add(id)
    // As long as nobody waits here, nobody asks who they are.
    if (strangers.size > Backlog.mostKnown) mayHaveMissed = true
  }

  return {
    hear,
    suspectMissed,
    take: Effect.fnUntraced(function* ({ anything, elsewhere, here }) {
      const now = yield* Clock.currentTimeMillis
      here.forEach(({ count, group }) => hear(group, count, now))
      if (anything) mayHaveMissed = true
      if (!mayHaveMissed) elsewhere.forEach((id) => hearOfElsewhere(id, now))
    }),
    catchUp: Effect.suspend(() =>
      mayHaveMissed ? askForAll : strangers.size > 0 ? askForStrangers : Effect.void
    )
  }
})
