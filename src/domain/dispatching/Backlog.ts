/** What one server has heard of pending jobs, by group. It may be wrong; the store knows. */
import type { DateTime } from "effect"
import { headStartOf, standingOf } from "../matching/Ageing.ts"
import * as GroupIndex from "./GroupIndex.ts"
import type { JobGroup, Suitability } from "../matching/Matching.ts"
import { type Precedence, shortlist } from "./Shortlist.ts"

/** So many groups are known at a time. Of more, those that were heard of longest ago are dropped. */
export const mostKnown = 10_000

/** The groups in which there was nothing for a kind of worker, and the last hearing of them by then. */
export type Asked = Map<number, number>

/** Who asks for groups. */
export interface Asking extends Precedence {
  readonly suitability: Suitability
  readonly asked: Asked
  /** Whether jobs of this group may be given at all now. */
  readonly mayGive: (group: JobGroup) => boolean
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
  /** Takes note since when the first job of a group is due. */
  readonly begins: (id: number, runAt: DateTime.Utc) => void
  /**
   * At most `limit` groups whose jobs the worker may do, without those of which nothing was heard since they were
   * `asked` in vain. Which ones, where there are more, see `shortlist`.
   */
  readonly prospect: (asking: Asking, limit: number) => Prospect
}

const mayBeGiven =
  ({ asked, mayGive }: Asking) =>
  ({ group, heard }: GroupIndex.KnownGroup) =>
    asked.get(group.id) !== heard && mayGive(group)

/** A backlog of which nothing is known. */
export const make = (): Backlog => {
  const index = GroupIndex.make(mostKnown)
  let hearings = 0
  let shortlists = 0

  return {
    hear: (group, count, at) => {
      hearings += 1
      const known = index.get(group.id)
      if (known === undefined) {
        const standing = at - headStartOf(group.priority)
        return index.put({ group, expected: count, standing, heard: hearings, listed: 0 })
      }
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
    expected: (id) => index.get(id)?.expected ?? 0,
    gave: (id, runAt) => {
      const known = index.get(id)
      if (known === undefined) return
      known.expected = Math.max(1, known.expected - 1)
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
