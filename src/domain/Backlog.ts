/** What one server has heard of pending jobs, by group. It may be wrong; the store knows. */
import { isEligible, type JobGroup, type Suitability } from "./Matching.ts"

interface HotGroup {
  readonly group: JobGroup
  /** About how many jobs are pending. */
  expected: number
  /** Counts the hearings, to tell whether more was heard while the store was being asked. */
  heard: number
}

/** Groups to claim from, and how to find out later whether more was heard of them meanwhile. */
export interface Prospect {
  readonly groups: ReadonlyArray<JobGroup>
  readonly expected: number
  /** Forgets those of the groups of which nothing was heard since. */
  readonly forget: () => void
}

export interface Backlog {
  /** Takes note of about `count` more pending jobs. */
  readonly hear: (group: JobGroup, count: number) => void
  readonly get: (id: number) => JobGroup | undefined
  /** Takes note that a job of this group was given away. */
  readonly gave: (id: number) => void
  /** At most `limit` groups whose jobs the worker may do, those of the highest priority first. */
  readonly prospect: (suitability: Suitability, limit: number) => Prospect
}

/** A backlog of which nothing is known. */
export const make = (): Backlog => {
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
    prospect: (suitability, limit) => {
      const found = [...hot.values()]
        .filter(({ group }) => isEligible(suitability, group))
        .toSorted((left, right) => right.group.priority - left.group.priority)
        .slice(0, limit)
        .map((known) => ({ known, heard: known.heard }))
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
