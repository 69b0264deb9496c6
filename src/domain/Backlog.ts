/** What one server has heard of pending jobs, by group. It may be wrong; the store knows. */
import type { DateTime } from "effect"
import { headStartOf, standingOf } from "./Ageing.ts"
import * as HotGroups from "./HotGroups.ts"
import type { JobGroup, Suitability } from "./Matching.ts"

/** So many groups are known at a time. Of more, those that were heard of longest ago are dropped. */
export const mostKnown = 10_000

/** The groups in which there was nothing for a kind of worker, and the last hearing of them by then. */
export type Asked = Map<number, number>

/** Who asks for groups. */
export interface Asking {
  readonly suitability: Suitability
  readonly asked: Asked
  /** Whether jobs of this group may be given at all now. */
  readonly mayGive: (group: JobGroup) => boolean
  /** When the fairness key of the group was served last: the lower, the longer ago. */
  readonly turnOf: (group: JobGroup) => number
}

/** Groups to claim from. */
export interface Prospect {
  readonly groups: ReadonlyArray<JobGroup>
  /** There was nothing in those of the groups for this kind of worker, which is to ask no more until more is heard. */
  readonly askedInVain: (where: (group: JobGroup) => boolean) => void
  /** There was nothing in those of the groups at all: forgets those of which nothing was heard since. */
  readonly forget: (where: (group: JobGroup) => boolean) => void
}

export interface Backlog {
  /**
   * Takes note of about `count` more pending jobs, which was heard at a time in milliseconds. False if another group had
   * to be dropped for this one.
   */
  readonly hear: (group: JobGroup, count: number, at: number) => boolean
  /** Keeps only what is heard from now on and the groups that `remains` says yes to when the returned function is called. */
  readonly beginAnew: () => (remains: (id: number) => boolean) => void
  /** Takes note that there may be about `count` more pending jobs than was heard of. */
  readonly suspect: (id: number, count: number) => void
  readonly get: (id: number) => JobGroup | undefined
  /** About how many jobs are pending in a group. */
  readonly expected: (id: number) => number
  /** Takes note that a job of this group was given away, which had been due since `runAt`. */
  readonly gave: (id: number, runAt: DateTime.Utc) => void
  /**
   * At most `limit` groups whose jobs the worker may do, without those of which nothing was heard since they were
   * `asked` in vain. If some have to be left out, half of those listed are the ones with the first standings, a quarter
   * those whose fairness keys were served longest ago, and the others those that were not listed for the longest time:
   * whatever keeps coming, and however wrong the standings are, each group has its turn.
   */
  readonly prospect: (asking: Asking, limit: number) => Prospect
}

/** The `count` items with the lowest numbers. */
const lowest = <A>(items: ReadonlyArray<A>, count: number, numberOf: (item: A) => number) => {
  if (items.length <= count) return items
  const bound = Float64Array.from(items, numberOf).toSorted()[count - 1] ?? Infinity
  const [below, at] = [
    items.filter((item) => numberOf(item) < bound),
    items.filter((item) => numberOf(item) === bound)
  ]
  return [...below, ...at].slice(0, count)
}

const mayBeGiven =
  ({ asked, mayGive }: Asking) =>
  ({ group, heard }: HotGroups.HotGroup) =>
    asked.get(group.id) !== heard && mayGive(group)

/** A backlog of which nothing is known. */
export const make = (): Backlog => {
  const hot = HotGroups.make(mostKnown)
  let hearings = 0
  let prospects = 0

  const shortlist = (
    eligible: ReadonlyArray<HotGroups.HotGroup>,
    limit: number,
    turnOf: Asking["turnOf"]
  ): ReadonlyArray<HotGroups.HotGroup> => {
    if (eligible.length <= limit) return eligible
    const listed = new Set<HotGroups.HotGroup>()
    const list = (upTo: number, numberOf: (known: HotGroups.HotGroup) => number) => {
      const others = eligible.filter((known) => !listed.has(known))
      for (const known of lowest(others, upTo - listed.size, numberOf)) listed.add(known)
    }
    list(Math.ceil(limit / 2), ({ standing }) => standing)
    list(Math.ceil((limit * 3) / 4), ({ group }) => turnOf(group))
    list(limit, ({ prospected }) => prospected)
    prospects += 1
    for (const known of listed) known.prospected = prospects
    return [...listed]
  }

  return {
    hear: (group, count, at) => {
      hearings += 1
      const known = hot.get(group.id)
      if (known === undefined) {
        const standing = at - headStartOf(group.priority)
        return hot.put({ group, expected: count, standing, heard: hearings, prospected: 0 })
      }
      known.expected += count
      known.heard = hearings
      return hot.put(known)
    },
    beginAnew: () => {
      const before = hearings
      return (remains) => {
        for (const known of hot.all()) {
          if (known.heard <= before && !remains(known.group.id)) hot.delete(known)
        }
      }
    },
    suspect: (id, count) => {
      const known = hot.get(id)
      if (known !== undefined) known.expected += count
    },
    get: (id) => hot.get(id)?.group,
    expected: (id) => hot.get(id)?.expected ?? 0,
    gave: (id, runAt) => {
      const known = hot.get(id)
      if (known === undefined) return
      known.expected = Math.max(1, known.expected - 1)
      known.standing = standingOf(runAt, known.group.priority)
    },
    prospect: (asking, limit) => {
      const { asked } = asking
      for (const id of asked.keys()) if (!hot.has(id)) asked.delete(id)
      const eligible = [...hot.eligible(asking.suitability)].filter(mayBeGiven(asking))
      const found = shortlist(eligible, limit, asking.turnOf).map((known) => ({ known, heard: known.heard }))
      return {
        groups: found.map(({ known }) => known.group),
        askedInVain: (where) => {
          for (const { heard, known } of found) if (where(known.group)) asked.set(known.group.id, heard)
        },
        forget: (where) => {
          for (const { heard, known } of found) {
            const { group } = known
            if (where(group) && hot.get(group.id) === known && known.heard === heard) hot.delete(known)
          }
        }
      }
    }
  }
}
