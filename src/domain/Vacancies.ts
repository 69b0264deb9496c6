/** The workers that wait for work on this server, by what they can do. */
import { Deferred, Duration, type Exit } from "effect"
import type { Asked } from "./Backlog.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { ClaimedJob } from "./JobRepo.ts"
import type { Suitability } from "./Matching.ts"

/** A worker that waits for work. */
export interface Vacancy {
  readonly worker: string
  readonly suitability: Suitability
  /** At most this many jobs at a time. */
  readonly max: number
  /** The lease that the worker asks for, or null. */
  readonly lease: Duration.Duration | null
}

export interface Waiting {
  readonly vacancy: Vacancy
  readonly kind: Kind
  readonly served: Deferred.Deferred<ReadonlyArray<ClaimedJob>>
  readonly forgetDeadline: () => void
}

/** Vacancies that can do the same jobs, which are served by one claim. */
export interface Kind {
  readonly key: string
  readonly suitability: Suitability
  readonly waiting: Set<Waiting>
  /** Those whose time is up: they are answered with nothing unless the step under way has something for them. */
  readonly late: Set<Waiting>
  /** The groups that had no jobs of theirs to give. */
  readonly asked: Asked
}

export interface Vacancies {
  /** Lets a vacancy wait. `isLate` is called when its time is up, which for a wait of nothing is at once. */
  readonly enter: (vacancy: Vacancy, wait: Duration.Duration, isLate: () => void) => Waiting
  readonly leave: (waiting: Waiting) => void
  readonly isWaiting: (waiting: Waiting) => boolean
  /** Answers a vacancy, which then waits no more. One that has left is past being answered. */
  readonly answer: (waiting: Waiting, exit: Exit.Exit<ReadonlyArray<ClaimedJob>>) => void
  /** The kinds of those who wait at this moment. */
  readonly kinds: () => ReadonlyArray<Kind>
  /** How many wait at this moment. */
  readonly count: () => number
}

export const make = (deadlines: Deadlines["Service"]): Vacancies => {
  const kinds = new Map<string, Kind>()

  const kindOf = (suitability: Suitability): Kind => {
    const { accepts, skills, types } = suitability
    const key = JSON.stringify([types, skills, accepts])
    const known = kinds.get(key)
    if (known !== undefined) return known
    const kind = { key, suitability, waiting: new Set<Waiting>(), late: new Set<Waiting>(), asked: new Map() }
    kinds.set(key, kind)
    return kind
  }

  const isWaiting = (waiting: Waiting) => waiting.kind.waiting.has(waiting)

  const leave = (waiting: Waiting) => {
    if (!isWaiting(waiting)) return
    const { forgetDeadline, kind } = waiting
    forgetDeadline()
    kind.waiting.delete(waiting)
    kind.late.delete(waiting)
    if (kind.waiting.size === 0) kinds.delete(kind.key)
  }

  return {
    enter: (vacancy, wait, isLate) => {
      const kind = kindOf(vacancy.suitability)
      const timeIsUp = () => {
        kind.late.add(waiting)
        isLate()
      }
      const isNow = Duration.isZero(wait)
      const waiting: Waiting = {
        vacancy,
        kind,
        served: Deferred.makeUnsafe(),
        forgetDeadline: isNow ? () => undefined : deadlines.set(wait, timeIsUp)
      }
      kind.waiting.add(waiting)
      if (isNow) timeIsUp()
      return waiting
    },
    leave,
    isWaiting,
    answer: (waiting, exit) => {
      if (!isWaiting(waiting)) return
      leave(waiting)
      Deferred.doneUnsafe(waiting.served, exit)
    },
    kinds: () => [...kinds.values()],
    count: () => [...kinds.values()].reduce((sum, { waiting }) => sum + waiting.size, 0)
  }
}
