/** Which groups to claim from if more are eligible than one claim can read. */
import { headStartOf, levelOf } from "../matching/Ageing.ts"
import type { KnownGroup } from "./GroupIndex.ts"
import type { JobGroup } from "../matching/Matching.ts"

/** What decides between groups by the rules of `Choosing`, as far as it is known without reading their jobs. */
export interface Precedence {
  /** In milliseconds since the epoch. */
  readonly now: number
  /** When the fairness key of the group was served last: the lower, the longer ago. */
  readonly turnOf: (group: JobGroup) => number
  /** The score of a job of the group that has been pending for `waited` milliseconds, for who asks. */
  readonly meritOf: (group: JobGroup, waited: number) => number
}

type Comparison = (left: KnownGroup, right: KnownGroup) => number

const byStanding: Comparison = (left, right) => left.standing - right.standing
/** What is likely to be empty comes last, however old and urgent what it had was. */
const byExpectation: Comparison = (left, right) => Number(left.expected === 0) - Number(right.expected === 0)
const byFirst: Comparison = (left, right) => byExpectation(left, right) || byStanding(left, right)
const byTimeUnlisted: Comparison = (left, right) => left.listed - right.listed

/** Compares groups as `Choosing` compares their jobs, those of this priority first. */
const byChoice = (priority: number, { meritOf, now, turnOf }: Precedence): Comparison => {
  // The time since when a job is due comes from the store, whose clock may be ahead.
  const waitedOf = ({ group, standing }: KnownGroup) =>
    Math.max(0, now - standing - headStartOf(group.priority))
  // Each is compared with many others.
  const merits = new Map<KnownGroup, number>()
  const meritNow = (known: KnownGroup) => {
    const found = merits.get(known)
    if (found !== undefined) return found
    const merit = meritOf(known.group, waitedOf(known))
    merits.set(known, merit)
    return merit
  }
  return (left, right) =>
    byExpectation(left, right) ||
    Number(right.group.priority === priority) - Number(left.group.priority === priority) ||
    turnOf(left.group) - turnOf(right.group) ||
    levelOf(waitedOf(right)) - levelOf(waitedOf(left)) ||
    meritNow(right) - meritNow(left) ||
    byStanding(left, right)
}

/** The first `count` groups, in order. A partial sort: `count` is small, and there may be thousands of groups. */
const firstOf = (
  groups: Iterable<KnownGroup>,
  count: number,
  compare: Comparison
): ReadonlyArray<KnownGroup> => {
  const found: Array<KnownGroup> = []
  for (const one of groups) {
    const last = found[count - 1]
    if (last !== undefined && compare(one, last) >= 0) continue
    const behind = found.findLastIndex((other) => compare(other, one) <= 0)
    found.splice(behind + 1, 0, one)
    if (found.length > count) found.pop()
  }
  return found
}

/**
 * At most `limit` groups. If some have to be left out, half of those listed are the ones whose jobs would be chosen first
 * by what is known of them, a quarter those with the first standings, and the others those that were not listed for the
 * longest time: whatever keeps coming, and however wrong what is known may be, each group has its turn.
 */
export const shortlist = (
  groups: ReadonlyArray<KnownGroup>,
  limit: number,
  precedence: Precedence
): ReadonlyArray<KnownGroup> => {
  if (groups.length <= limit) return groups
  const listed = new Set<KnownGroup>()
  const list = (upTo: number, compare: Comparison) => {
    const others = groups.filter((one) => !listed.has(one))
    for (const one of firstOf(others, upTo - listed.size, compare)) listed.add(one)
  }
  const [first] = firstOf(groups, 1, byFirst)
  if (first !== undefined) list(Math.ceil(limit / 2), byChoice(first.group.priority, precedence))
  list(Math.ceil((limit * 3) / 4), byFirst)
  list(limit, byTimeUnlisted)
  return [...listed]
}
