/** Feeds the backlog: with news of pending jobs, and from the store where news may have been missed. */
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

/** When the backlog had to drop groups, the pause before the store is asked for them. */
const restWhenDropping = Duration.seconds(1)

export interface WorkNews {
  /** Adds about `count` pending jobs of a group, of which was heard `at` a time in milliseconds since the epoch. */
  readonly hear: (group: JobGroup, count: number, at: number) => void
  /** Adds what the hub has gathered. */
  readonly take: (work: NewWork) => Effect.Effect<void>
  /** Marks that news may have been missed: the store is asked as soon as somebody waits. */
  readonly suspectMissed: () => void
  /** Asks the store for pending groups that are not known here, if there may be any. */
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

  // If there are more groups than the backlog can hold, those that suit somebody who waits here come last, so that they are
  // not dropped. The order is otherwise random, so that each group gets its turn.
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

  // Ids of groups that only other servers know so far: what is in them has to be read from the store.
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
    // They are read only when somebody waits here; until then their number is limited.
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
