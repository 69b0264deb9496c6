/** What one server has heard of pending jobs, by group. It may be wrong; the store knows. */
import { isEligible, type JobGroup, type Suitability } from "./Matching.ts"

interface HotGroup {
  readonly group: JobGroup
  /** About how many jobs are pending. */
  expected: number
  /** Which of all hearings was the last one, to tell whether more was heard since the store was asked. */
  heard: number
}

/** The groups in which there was nothing for a kind of worker, and the last hearing of them by then. */
export type Asked = Map<number, number>

/** Groups to claim from. */
export interface Prospect {
  readonly groups: ReadonlyArray<JobGroup>
  /** About how many jobs are pending in them. */
  readonly expected: number
  /** There was nothing in the groups for this kind of worker, which is to ask no more until more is heard of them. */
  readonly askedInVain: () => void
  /** There was nothing in the groups at all: forgets those of which nothing was heard since. */
  readonly forget: () => void
}

export interface Backlog {
  /** Takes note of about `count` more pending jobs. */
  readonly hear: (group: JobGroup, count: number) => void
  /** Takes note that there may be about `count` more pending jobs than was heard of. */
  readonly suspect: (id: number, count: number) => void
  readonly get: (id: number) => JobGroup | undefined
  /** Takes note that a job of this group was given away. */
  readonly gave: (id: number) => void
  /**
   * At most `limit` groups whose jobs the worker may do, without those of which nothing was heard since they were
   * `asked` in vain; those of the highest priority first, and among these the ones that were not prospected for the
   * longest time.
   */
  readonly prospect: (suitability: Suitability, limit: number, asked: Asked) => Prospect
}

/** A backlog of which nothing is known. */
export const make = (): Backlog => {
  // In the order in which they were last prospected.
  const hot = new Map<number, HotGroup>()
  let hearings = 0
  return {
    hear: (group, count) => {
      hearings += 1
      const known = hot.get(group.id)
      if (known === undefined) {
        hot.set(group.id, { group, expected: count, heard: hearings })
      } else {
        known.expected += count
        known.heard = hearings
      }
    },
    suspect: (id, count) => {
      const known = hot.get(id)
      if (known !== undefined) known.expected += count
    },
    get: (id) => hot.get(id)?.group,
    gave: (id) => {
      const known = hot.get(id)
      if (known !== undefined) known.expected = Math.max(1, known.expected - 1)
    },
    prospect: (suitability, limit, asked) => {
      for (const id of asked.keys()) if (!hot.has(id)) asked.delete(id)
      const eligible = [...hot.values()].filter(
        ({ group, heard }) => asked.get(group.id) !== heard && isEligible(suitability, group)
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
        askedInVain: () => {
          for (const { heard, known } of found) asked.set(known.group.id, heard)
        },
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
