/** The workers that wait for jobs at this server, grouped by what they can and may do. */
import { Deferred, Duration, type Exit } from "effect"
import { type Acceptance, type AcceptedJobs, acceptedJobs } from "../matching/Acceptance.ts"
import type { Asked } from "./Backlog.ts"
import type { Deadlines } from "../Deadlines.ts"
import type { ClaimedJob } from "../jobs/Claim.ts"
import type { Suitability } from "../matching/Matching.ts"
import { setRecent } from "../setRecent.ts"
import type { Restriction, Restrictions } from "../workers/Restrictions.ts"

/** At most this many suitabilities are kept for workers that poll again, with the matches that are cached by them. */
const mostRemembered = 64

/** What a worker asks for. */
export interface Vacancy {
  readonly worker: string
  readonly suitability: Suitability
  /** At most this many jobs at a time. */
  readonly max: number
  /** The lease that the worker asks for, or null. */
  readonly lease: Duration.Duration | null
}

/** A vacancy that waits, and its answer. */
export interface Waiting {
  readonly vacancy: Vacancy
  kind: Kind
  /** Counts the vacancies of this server in the order in which they have come. */
  readonly arrival: number
  readonly served: Deferred.Deferred<ReadonlyArray<ClaimedJob>>
  readonly forgetDeadline: () => void
}

/** Vacancies that can do and may do the same jobs, so that groups are matched once for all of them. */
export interface Kind {
  readonly key: string
  readonly suitability: Suitability
  /** What it accepts of each single job; the same for all kinds that accept the same. */
  readonly accepted: AcceptedJobs
  /** Tells kinds apart that accept different jobs. */
  readonly acceptedKey: string
  /** What these workers are kept from; null for nothing, as most are. */
  readonly restriction: Restriction | null
  readonly waiting: Set<Waiting>
  /** Those whose wait is over: they are answered with nothing unless the step under way has something for them. */
  readonly late: Set<Waiting>
  /** The groups that had no jobs for this kind. */
  readonly asked: Asked
  /** Of these, the groups whose jobs were kept for a better worker. Whoever comes next may be that one, so they are asked again. */
  readonly keptForBetter: Set<number>
}

export interface Vacancies {
  /** Lets a vacancy wait. `isLate` is called when its wait is over, which for a wait of zero is at once. */
  readonly enter: (vacancy: Vacancy, wait: Duration.Duration, isLate: () => void) => Waiting
  readonly leave: (waiting: Waiting) => void
  readonly isWaiting: (waiting: Waiting) => boolean
  /** Answers a vacancy, which then waits no more. Does nothing if it has left. */
  readonly answer: (waiting: Waiting, exit: Exit.Exit<ReadonlyArray<ClaimedJob>>) => void
  /** The kinds of those who wait at this moment. */
  readonly kinds: () => ReadonlyArray<Kind>
  /** How many have ever come. */
  readonly arrivals: () => number
  /** How many wait at this moment. */
  readonly count: () => number
  /** Forgets which of these groups were asked in vain, for they may have jobs again. */
  readonly askAgain: (isOfType: (group: number) => boolean) => void
  /** Groups all that wait anew, after a change of what workers are kept from. */
  readonly regroup: () => void
}

export const make = (
  deadlines: Deadlines["Service"],
  restrictions: Pick<Restrictions["Service"], "of">
): Vacancies => {
  const kinds = new Map<string, Kind>()
  let arrivals = 0

  // Matches are cached by the identity of the suitability, so a worker that polls again has to get the same object.
  const suitabilities = new Map<string, Suitability>()
  const remember = (key: string, suitability: Suitability): Suitability => {
    const known = suitabilities.get(key) ?? suitability
    setRecent(suitabilities, key, known, mostRemembered)
    return known
  }

  const kindOf = ({ suitability, worker }: Vacancy): Kind => {
    const { accepts, skills, types } = suitability
    const restriction = restrictions.of(worker)
    const keptFrom = restriction === null ? [] : [restriction.isIdle, ...[...restriction.types].toSorted()]
    const able = JSON.stringify([types, skills, accepts])
    const key = `${able} ${JSON.stringify(keptFrom)}`
    const known = kinds.get(key)
    if (known !== undefined) return known
    const kind: Kind = {
      key,
      suitability: remember(able, suitability),
      ...acceptedBy(suitability.accepts),
      restriction,
      waiting: new Set(),
      late: new Set(),
      asked: new Map(),
      keptForBetter: new Set()
    }
    kinds.set(key, kind)
    return kind
  }

  /** `Seeker.accepted` is compared by identity: kinds that accept the same share one object. */
  const acceptedBy = (accepts: ReadonlyArray<Acceptance>): Pick<Kind, "accepted" | "acceptedKey"> => {
    const accepted = acceptedJobs(accepts)
    const acceptedKey = JSON.stringify(accepted)
    for (const kind of kinds.values()) {
      if (kind.acceptedKey === acceptedKey) return { accepted: kind.accepted, acceptedKey }
    }
    return { accepted, acceptedKey }
  }

  const isWaiting = (waiting: Waiting) => waiting.kind.waiting.has(waiting)

  const leaveKind = (waiting: Waiting) => {
    const { kind } = waiting
    kind.waiting.delete(waiting)
    kind.late.delete(waiting)
    if (kind.waiting.size === 0) kinds.delete(kind.key)
  }

  const leave = (waiting: Waiting) => {
    if (!isWaiting(waiting)) return
    waiting.forgetDeadline()
    leaveKind(waiting)
  }

  return {
    enter: (vacancy, wait, isLate) => {
      const kind = kindOf(vacancy)
      for (const group of kind.keptForBetter) kind.asked.delete(group)
      kind.keptForBetter.clear()
      const timeIsUp = () => {
        waiting.kind.late.add(waiting)
        isLate()
      }
      const isNow = Duration.isZero(wait)
      const waiting: Waiting = {
        vacancy,
        kind,
        arrival: ++arrivals,
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
    arrivals: () => arrivals,
    count: () => [...kinds.values()].reduce((sum, { waiting }) => sum + waiting.size, 0),
    askAgain: (isOfType) => {
      for (const { asked } of kinds.values())
        for (const id of asked.keys()) if (isOfType(id)) asked.delete(id)
    },
    regroup: () => {
      const all = [...kinds.values()].flatMap(({ late, waiting }) =>
        [...waiting].map((one) => ({ one, isLate: late.has(one) }))
      )
      // Nobody waits any more in a kind that is just being served.
      for (const { late, waiting } of kinds.values()) {
        waiting.clear()
        late.clear()
      }
      kinds.clear()
      for (const { isLate, one } of all) {
        one.kind = kindOf(one.vacancy)
        one.kind.waiting.add(one)
        if (isLate) one.kind.late.add(one)
      }
    }
  }
}
