/** Bounded index of the groups of the backlog: by id, in the order of the last news of them, and by class for matching. */
import { classOf, type JobGroup, type Suitability } from "../matching/Matching.ts"
import { matchOf } from "../matching/Ranking.ts"

export interface KnownGroup {
  readonly group: JobGroup
  /** Estimate of how many jobs are pending. A group of which 0 are expected may have some all the same. */
  expected: number
  /** Estimate of the standing (see `Ageing`) of its first pending job, in milliseconds. */
  standing: number
  /** Number of the last news of it, counted over all groups: shows whether there was news since the store was asked. */
  heard: number
  /** Number of the last shortlist that left some groups out and had this one; 0 for none. */
  listed: number
}

export interface GroupIndex {
  readonly get: (id: number) => KnownGroup | undefined
  readonly has: (id: number) => boolean
  /** Adds a group, or moves it to the end as the one with the latest news. False if the index was full and lost its oldest. */
  readonly put: (known: KnownGroup) => boolean
  readonly delete: (known: KnownGroup) => void
  readonly all: () => Iterable<KnownGroup>
  /** Groups whose jobs such a worker may do, now or after a constraint of theirs has been relaxed. */
  readonly eligible: (suitability: Suitability) => Iterable<KnownGroup>
}

/** Groups that differ only in their fairness keys, so that one match holds for all of them. */
interface GroupClass {
  readonly key: string
  readonly groups: Set<KnownGroup>
}

export const make = (most: number): GroupIndex => {
  // In the order of the last news of each.
  const byId = new Map<number, KnownGroup>()
  const classes = new Map<string, GroupClass>()
  const joined = new Map<KnownGroup, GroupClass>()

  const join = (known: KnownGroup) => {
    const key = classOf(known.group)
    const groupClass = classes.get(key) ?? { key, groups: new Set() }
    groupClass.groups.add(known)
    classes.set(key, groupClass)
    joined.set(known, groupClass)
  }

  const remove = (known: KnownGroup) => {
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
