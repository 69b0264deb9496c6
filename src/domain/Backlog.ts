/** What one server has heard of pending jobs, by group. It may be wrong; the store knows. */
import { isEligible, type JobGroup, type Suitability } from "./Matching.ts"

interface HotGroup {
  readonly group: JobGroup
  /** About how many jobs are pending. */
  expected: number
  /** Counts the hearings, to tell whether more was heard while the store was being asked. */
  heard: number
}

/** Groups to claim from. */
export interface Prospect {
  readonly groups: ReadonlyArray<JobGroup>
  /** About how many jobs are pending in them. */
  readonly expected: number
  /** Forgets those of the groups of which nothing was heard since: they are empty. */
  readonly forget: () => void
}

export interface Backlog {
  /** Takes note of about `count` more pending jobs. */
  readonly hear: (group: JobGroup, count: number) => void
  readonly get: (id: number) => JobGroup | undefined
  /** Takes note that a job of this group was given away. */
  readonly gave: (id: number) => void
  /**
   * At most `limit` groups whose jobs the worker may do, without those that were `asked` already; those of the highest
   * priority first, and among these the ones that were not prospected for the longest time.
   */
  readonly prospect: (suitability: Suitability, limit: number, asked: ReadonlySet<number>) => Prospect
}

/** A backlog of which nothing is known. */
export const make = (): Backlog => {
  // In the order in which they were last prospected.
  const hot = new Map<number, HotGroup>()
  return {
    hear: (group, count) => {
      const known = hot.get(group.id)
      if (known === undefined) {
        hot.set(group.id, { group, expected: count, heard: 1 })
      } else {
        known.expected += count
        known.heard += 1
      }
    },
    get: (id) => hot.get(id)?.group,
    gave: (id) => {
      const known = hot.get(id)
      if (known !== undefined) known.expected = Math.max(1, known.expected - 1)
    },
    prospect: (suitability, limit, asked) => {
      const eligible = [...hot.values()].filter(
        ({ group }) => !asked.has(group.id) && isEligible(suitability, group)
      )
      const found = eligible
        .toSorted((left, right) => right.group.priority - left.group.priority)
        .slice(0, limit)
        .map((known) => ({ known, heard: known.heard }))
      // Only where some had to be left out does it matter who is next.
      if (eligible.length > limit) {
        for (const { known } of found) {
          hot.delete(known.group.id)
          hot.set(known.group.id, known)
        }
      }
      return {
        groups: found.map(({ known }) => known.group),
        expected: found.reduce((sum, { known }) => sum + known.expected, 0),
        forget: () => {
          for (const { heard, known } of found) {
            const { id } = known.group
            if (hot.get(id) === known && known.heard === heard) hot.delete(id)
          }
        }
      }
    }
  }
}
