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
  "stream breaks off",
  "follower slow",
  "follower breaks",
  "clock set back",
  "clock set forward"
]

/** What clients and supervisors do, each at least once with success. */
const acts = [
  ...["cancel", "retry", "amend", "project", "close project", "cancel project"],
  ...["bulk cancel", "bulk retry"],
  ...["schedule put", "schedule remove", "schedule run"],
  ...["worker active", "worker paused", "worker banned"]
]

/** What must occur among many runs: a thing of these that never did is reported. */
export const expected: ReadonlyArray<string> = [
  ...transitions,
  ...outcomes,
  ...Object.keys(Policy.fields).map((field) => `policy ${field}`),
  ...faults.map((name) => `fault ${name}`),
  ...acts,
  ...["Seen", "Lease", "Cancel", "Over", "Rewind"].map((name) => `signal ${name}`),
  ...["Assigned", "Cancel"].map((name) => `stream ${name}`),
  ...["Standing", "Percent", "End"].map((name) => `followed project ${name}`),
  ...eventNames.map((name) => `event ${name}`)
]

/** Adds counts up. */
export const add = (sums: Map<string, number>, counts: ReadonlyMap<string, number>): void => {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
}

/** What should have occurred and did not. */
export const missingFrom = (sums: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  expected.filter((name) => !sums.has(name))

/** The lines of a summary: how often each thing occurred, and what never did. */
export const summaryOf = (sums: ReadonlyMap<string, number>): ReadonlyArray<string> => {
  const byName = [...sums].toSorted(([left], [right]) => (left < right ? -1 : 1))
  return [
    ...byName.map(([name, count]) => `${String(count).padStart(9)}  ${name}`),
    ...missingFrom(sums).map((name) => `    never  ${name}`)
  ]
}
