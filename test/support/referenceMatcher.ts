/**
 * Which job goes to whom, as the documents say it and as slowly as can be: every job is held against every worker, and
 * nothing of the matcher of the program is used.
 */
import type { Acceptance } from "../../src/domain/matching/Acceptance.ts"
import type { Constraint, Skills } from "../../src/domain/matching/Constraint.ts"
import type { JsonValue } from "../../src/domain/Json.ts"

/** A worker that waits for one job. Those who have waited longer come first in lists of them. */
export interface Applicant {
  readonly name: string
  readonly types: ReadonlyArray<string>
  readonly skills: Skills
  readonly accepts: ReadonlyArray<Acceptance>
  readonly keptFrom: ReadonlyArray<string>
  readonly running: number
  /** Its records by type, from 0 to 1, of those of which it has one. */
  readonly records: Readonly<Record<string, number>>
}

/** A job that is pending. */
export interface Opening {
  readonly id: string
  /** The group that it is in: of a group's jobs the oldest comes first. */
  readonly group: number
  readonly type: string
  readonly priority: number
  readonly fairnessKey: string | null
  readonly constraints: ReadonlyArray<Constraint>
  readonly tags: ReadonlyArray<string>
  /** For how long, in milliseconds. */
  readonly waited: number
  readonly failedBy: ReadonlyArray<string>
  /** Somebody who does not apply, and for whom it is kept until it has waited for so long. */
  readonly better: { readonly worker: string; readonly score: number; readonly patience: number } | null
}

/** That a job goes to a worker. */
export interface Appointment {
  readonly opening: Opening
  readonly applicant: Applicant
  readonly score: number
}

const headStart = 10 * 60_000

const isSame = (left: JsonValue, right: JsonValue | undefined) =>
  JSON.stringify(left) === JSON.stringify(right)

const areInOrder = (left: JsonValue, right: JsonValue | undefined, isInOrder: (sign: number) => boolean) =>
  typeof left === "number" && typeof right === "number" && isInOrder(Math.sign(left - right))

// Of orders only that of numbers, which is all that the tests ask for.
const holds = (there: JsonValue | undefined, op: Constraint["op"], value: JsonValue | undefined): boolean => {
  if (there === undefined) return op === "absent" || op === "ne"
  const comparisons = {
    eq: () => isSame(there, value),
    ne: () => !isSame(there, value),
    lt: () => areInOrder(there, value, (sign) => sign < 0),
    lte: () => areInOrder(there, value, (sign) => sign <= 0),
    gt: () => areInOrder(there, value, (sign) => sign > 0),
    gte: () => areInOrder(there, value, (sign) => sign >= 0),
    in: () => Array.isArray(value) && value.some((item) => isSame(item, there)),
    contains: () => Array.isArray(there) && there.some((item) => isSame(item, value)),
    exists: () => true,
    absent: () => false
  }
  return comparisons[op]()
}

const isMet = ({ skills }: Applicant, { op, skill, value }: Constraint) => holds(skills[skill], op, value)

/** Whether the constraint keeps workers from the job, as it does unless it is a wish or has become one. */
const isRequired = ({ relaxAfter, weight }: Constraint, waited: number): boolean =>
  relaxAfter === undefined ? weight === undefined : waited < relaxAfter

const isAccepted = (acceptance: Acceptance, { priority, tags, type }: Opening): boolean => {
  if (acceptance.tag !== undefined) return tags.includes(acceptance.tag) === (acceptance.op === "exists")
  if (acceptance.property === "project") return acceptance.op === "absent" || acceptance.op === "ne"
  return holds(acceptance.property === "type" ? type : priority, acceptance.op, acceptance.value)
}

const isOfType = (pattern: string, type: string) =>
  pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type

/** Whether the worker may have the job now, whoever else there is. */
export const mayHave = (applicant: Applicant, opening: Opening): boolean =>
  (applicant.types.length === 0 || applicant.types.some((pattern) => isOfType(pattern, opening.type))) &&
  !applicant.keptFrom.includes(opening.type) &&
  applicant.accepts.every((acceptance) => isAccepted(acceptance, opening)) &&
  opening.constraints.every(
    (constraint) => isMet(applicant, constraint) || !isRequired(constraint, opening.waited)
  )

/** The part of the wishes that is met, by weight. */
const fitOf = (applicant: Applicant, { constraints, waited }: Opening): number => {
  const wishes = constraints.filter((constraint) => !isRequired(constraint, waited))
  const sum = (some: ReadonlyArray<Constraint>) => some.reduce((all, { weight }) => all + (weight ?? 1), 0)
  return wishes.length === 0 ? 1 : sum(wishes.filter((wish) => isMet(applicant, wish))) / sum(wishes)
}

/** How well the worker suits the job, in hundredths. Somebody new has three quarters of success, and an average pace. */
export const scoreOf = (applicant: Applicant, opening: Opening): number => {
  const record = applicant.records[opening.type] ?? 0.75 * 0.75 + 0.25 * 0.5
  const load = applicant.running / (applicant.running + 1)
  const penalty = opening.failedBy.includes(applicant.name) ? 0.3 : 0
  const score = 0.6 * fitOf(applicant, opening) + 0.4 * record - 0.1 * load - penalty
  return Math.round(Math.max(0, Math.min(1, score)) * 100) / 100
}

/** Whether the job is kept from a worker that suits it so well, for somebody better. */
const isKept = ({ better, failedBy, waited }: Opening, score: number): boolean =>
  better !== null && waited < better.patience && score < better.score && !failedBy.includes(better.worker)

/** The score if the worker may be given the job now; null if not. */
export const scoreIfGiven = (applicant: Applicant, opening: Opening): number | null => {
  if (!mayHave(applicant, opening)) return null
  const score = scoreOf(applicant, opening)
  return isKept(opening, score) ? null : score
}

/** The items for which the number is the lowest. */
const lowest = <A>(items: ReadonlyArray<A>, numberOf: (item: A) => number): ReadonlyArray<A> => {
  const least = items.reduce((low, item) => Math.min(low, numberOf(item)), Infinity)
  return items.filter((item) => numberOf(item) === least)
}

const standingOf = ({ opening: { priority, waited } }: Appointment) => -waited - priority * headStart

/** The one among those that are possible that comes first, where keys were served in these turns. */
const firstOf = (
  possible: ReadonlyArray<Appointment>,
  turnOf: (key: string | null) => number
): Appointment | undefined => {
  const byAge = (left: Appointment, right: Appointment) =>
    standingOf(left) - standingOf(right) || (left.opening.id < right.opening.id ? -1 : 1)
  const eldest = possible.reduce<Appointment | undefined>(
    (first, one) => (first !== undefined && byAge(first, one) <= 0 ? first : one),
    undefined
  )
  const ofPriority = possible.filter(({ opening }) => opening.priority === eldest?.opening.priority)
  const ofKey = lowest(ofPriority, ({ opening }) => turnOf(opening.fairnessKey))
  const longest = lowest(ofKey, ({ opening }) => -Math.floor(opening.waited / headStart))
  const best = lowest(
    lowest(longest, ({ score }) => -score),
    standingOf
  )
  const [first] = best.map(({ opening }) => opening.id).toSorted()
  // Of those who suit it alike, whoever has waited longest.
  return possible.find((one) => one.opening.id === first && best.includes(one))
}

/** Who gets what of the jobs, one each at most, in the order in which they are given. `turns` goes on. */
export const appoint = (
  openings: ReadonlyArray<Opening>,
  applicants: ReadonlyArray<Applicant>,
  turns: Map<string | null, number> = new Map()
): ReadonlyArray<Appointment> => {
  const turnOf = (key: string | null) => turns.get(key) ?? 0
  let possible = applicants.flatMap((applicant) =>
    openings.flatMap((opening): ReadonlyArray<Appointment> => {
      const score = scoreIfGiven(applicant, opening)
      return score === null ? [] : [{ opening, applicant, score }]
    })
  )
  const appointments: Array<Appointment> = []
  for (let next = firstOf(possible, turnOf); next !== undefined; next = firstOf(possible, turnOf)) {
    const { applicant, opening } = next
    appointments.push(next)
    possible = possible.filter((one) => one.applicant !== applicant && one.opening !== opening)
    turns.set(opening.fairnessKey, Math.max(0, ...turns.values()) + 1)
  }
  return appointments
}
