/** The groups of the backlog, a bounded number of them, arranged so that whole classes of them are matched at once. */
import { classOf, type JobGroup, type Suitability } from "../matching/Matching.ts"
import { matchOf } from "../matching/Ranking.ts"

export interface HotGroup {
  readonly group: JobGroup
  /** About how many jobs are pending. */
  expected: number
  /** About the standing of the first of them. */
  standing: number
  /** Which of all hearings was the last one, to tell whether more was heard since the store was asked. */
  heard: number
  /** Which of all shortlists that had to leave some out was the last one that it was on; 0 for none. */
  listed: number
}

export interface HotGroups {
  readonly get: (id: number) => HotGroup | undefined
  readonly has: (id: number) => boolean
  /** Takes note of a group that was heard of last. False if the one that was heard of longest ago had to go for it. */
  readonly put: (known: HotGroup) => boolean
  readonly delete: (known: HotGroup) => void
  readonly all: () => Iterable<HotGroup>
  /** Those whose jobs a worker may do, some of them perhaps only when they have waited for long enough. */
  readonly eligible: (suitability: Suitability) => Iterable<HotGroup>
}

/** Groups that suit the same workers, as they differ in their fairness keys alone. */
interface GroupClass {
  readonly key: string
  readonly groups: Set<HotGroup>
}

export const make = (most: number): HotGroups => {
  // In the order in which they were last heard of.
  const byId = new Map<number, HotGroup>()
  const classes = new Map<string, GroupClass>()
  const joined = new Map<HotGroup, GroupClass>()

  const join = (known: HotGroup) => {
    const key = classOf(known.group)
    const groupClass = classes.get(key) ?? { key, groups: new Set() }
    groupClass.groups.add(known)
    classes.set(key, groupClass)
    joined.set(known, groupClass)
  }

  const remove = (known: HotGroup) => {
    byId.delete(known.group.id)
    const left = joined.get(known)
    joined.delete(known)
    left?.groups.delete(known)
    if (left?.groups.size === 0) classes.delete(left.key)
  }

  return {
    get: (id) => byId.get(id),
    has: (id) => byId.has(id),
    put: (known) => {
      const { id } = known.group
      if (!byId.delete(id)) join(known)
      byId.set(id, known)
      if (byId.size <= most) return true
      for (const oldest of byId.values()) {
        remove(oldest)
        break
      }
      return false
    },
    delete: remove,
    all: () => byId.values(),
    *eligible(suitability) {
      for (const { groups } of classes.values()) {
        const [one] = groups
        if (one !== undefined && matchOf(suitability, one.group) !== null) yield* groups
      }
    }
  }
}
