/** What one server has heard of pending jobs, by group: estimates, for only the store knows. */
import type { DateTime } from "effect"
import { headStartOf, standingOf } from "../matching/Ageing.ts"
import * as GroupIndex from "./GroupIndex.ts"
import type { JobGroup, Suitability } from "../matching/Matching.ts"
import { type Precedence, shortlist } from "./Shortlist.ts"

/** At most this many groups are known. Beyond that, those with the oldest news are dropped. */
export const mostKnown = 10_000

/** The groups in which there was nothing for a kind of worker, each with `KnownGroup.heard` as it was then. */
export type Asked = Map<number, number>

/** A kind of worker that asks for groups to claim from. */
export interface Asking extends Precedence {
  readonly suitability: Suitability
  readonly asked: Asked
  /** Whether jobs of this group may be given at all now. */
  readonly mayGive: (group: JobGroup) => boolean
}

/** Groups to claim from. */
export interface Prospect {
  readonly groups: ReadonlyArray<JobGroup>
  /** Excludes groups that had nothing for this kind of worker from its next prospects, until there is news of them. */
  readonly askedInVain: (where: (group: JobGroup) => boolean) => void
  /** Removes groups that had no jobs at all, unless there was news of them since this prospect was made. */
  readonly forget: (where: (group: JobGroup) => boolean) => void
}

export interface Backlog {
  /**
   * Adds about `count` pending jobs of a group, of which was heard `at` a time in milliseconds since the epoch. False if
   * another group had to be dropped for this one.
   */
  readonly hear: (group: JobGroup, count: number, at: number) => boolean
  /**
   * Begins a comparison with the store. The returned function ends it: it removes the groups without news since the beginning
   * for which `remains` is false.
   */
  readonly beginAnew: () => (remains: (id: number) => boolean) => void
  /** Raises the estimate of the pending jobs of a group by `count`, without counting as news of it. */
  readonly suspect: (id: number, count: number) => void
  readonly get: (id: number) => JobGroup | undefined
  /** About how many jobs are pending in a group: at least one as long as it is known, for nobody has seen that there is none. */
  readonly expected: (id: number) => number
  /** A job of this group was given away, which had been due since `runAt`. */
  readonly gave: (id: number, runAt: DateTime.Utc) => void
  /** The first pending job of a group is due since `runAt`. */
  readonly begins: (id: number, runAt: DateTime.Utc) => void
  /**
   * At most `limit` groups whose jobs the worker may do, without those that it has `asked` in vain since their last news. If
   * there are more, `shortlist` chooses.
   */
  readonly prospect: (asking: Asking, limit: number) => Prospect
}

const mayBeGiven =
  ({ asked, mayGive }: Asking) =>
  ({ group, heard }: GroupIndex.KnownGroup) =>
    asked.get(group.id) !== heard && mayGive(group)

/** An empty backlog. */
export const make = (): Backlog => {
  const index = GroupIndex.make(mostKnown)
  let hearings = 0
  let shortlists = 0

  return {
    hear: (group, count, at) => {
      hearings += 1
      const known = index.get(group.id)
      const standing = at - headStartOf(group.priority)
      if (known === undefined)
        return index.put({ group, expected: count, standing, heard: hearings, listed: 0 })
      if (known.expected === 0) known.standing = standing
      known.expected += count
      known.heard = hearings
      return index.put(known)
    },
    beginAnew: () => {
      const before = hearings
      return (remains) => {
        for (const known of index.all()) {
          if (known.heard <= before && !remains(known.group.id)) index.delete(known)
        }
      }
    },
    suspect: (id, count) => {
      const known = index.get(id)
      if (known !== undefined) known.expected += count
    },
    get: (id) => index.get(id)?.group,
    expected: (id) => {
      const known = index.get(id)
      return known === undefined ? 0 : Math.max(1, known.expected)
    },
    gave: (id, runAt) => {
      const known = index.get(id)
      if (known === undefined) return
      known.expected = Math.max(0, known.expected - 1)
      known.standing = standingOf(runAt, known.group.priority)
    },
    begins: (id, runAt) => {
      const known = index.get(id)
      if (known !== undefined) known.standing = standingOf(runAt, known.group.priority)
    },
    prospect: (asking, limit) => {
      const { asked } = asking
      for (const id of asked.keys()) if (!index.has(id)) asked.delete(id)
      const eligible = [...index.eligible(asking.suitability)].filter(mayBeGiven(asking))
      const listed = shortlist(eligible, limit, asking)
      if (listed.length < eligible.length) {
        shortlists += 1
        for (const known of listed) known.listed = shortlists
      }
      const found = listed.map((known) => ({ known, heard: known.heard }))
      return {
        groups: found.map(({ known }) => known.group),
        askedInVain: (where) => {
          for (const { heard, known } of found) if (where(known.group)) asked.set(known.group.id, heard)
        },
        forget: (where) => {
          for (const { heard, known } of found) {
            const { group } = known
            if (where(group) && index.get(group.id) === known && known.heard === heard) index.delete(known)
          }
        }
      }
    }
  }
}
