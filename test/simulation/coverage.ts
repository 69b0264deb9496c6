/** What a set of runs has covered, and what it should have. */
import { eventNames } from "../../src/domain/events/BossEvent.ts"
import { Policy } from "../../src/domain/policies/Policy.ts"
import { transitions } from "./checkers/legalTransitions.ts"

const outcomes = ["done", "failed", "lost", "timed-out", "cancelled", "released"].map(
  (name) => `outcome ${name}`
)

const faults = [
  "request lost",
  "request doubled",
  "answer lost",
  "news lost",
  "news doubled",
  "store before",
  "store after",
  "store away",
  "server dies",
  "worker vanishes",
  "worker hangs",
  "worker slow",
  "worker fails",
  "worker breaks off",
  "follower breaks",
  "clock set back",
  "clock set forward"
]

/** What must occur among many runs: a thing of these that never did is reported. */
export const expected: ReadonlyArray<string> = [
  ...transitions,
  ...outcomes,
  ...Object.keys(Policy.fields).map((field) => `policy ${field}`),
  ...faults.map((name) => `fault ${name}`),
  ...["Seen", "Lease", "Cancel", "Over"].map((name) => `signal ${name}`),
  ...["Assigned", "Cancel"].map((name) => `stream ${name}`),
  ...eventNames.map((name) => `event ${name}`)
]

/** Adds counts up. */
export const add = (sums: Map<string, number>, counts: ReadonlyMap<string, number>): void => {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
}

/** The lines of a summary: how often each thing occurred, and what never did. */
export const summaryOf = (sums: ReadonlyMap<string, number>): ReadonlyArray<string> => {
  const missing = expected.filter((name) => !sums.has(name))
  const byName = [...sums].toSorted(([left], [right]) => (left < right ? -1 : 1))
  return [
    ...byName.map(([name, count]) => `${String(count).padStart(9)}  ${name}`),
    ...missing.map((name) => `    never  ${name}`)
  ]
}
