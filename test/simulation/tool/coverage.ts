/** What a set of runs has covered, and what it should have. */
import { eventNames } from "../../../src/domain/events/BossEvent.ts"
import { Policy } from "../../../src/domain/policies/Policy.ts"
import { transitions } from "../checkers/legalTransitions.ts"
import { probeNames } from "../probes/quiet.ts"

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
  "worker hangs up",
  "worker paused while it is given a job",
  "job amended while it is to be given",
  "stranger",
  "progress with a gap",
  "follower slow",
  "follower breaks",
  "clock set back",
  "clock set forward",
  "intruder"
]

/** What clients and supervisors do, each at least once with success. */
const acts = [
  ...["cancel", "retry", "amend", "project", "close project", "cancel project"],
  ...["bulk cancel", "bulk retry"],
  ...["schedule put", "schedule remove", "schedule run"],
  ...["worker active", "worker paused", "worker banned"]
]

/** Among this many runs everything must have occurred that is expected to. */
export const enoughForAll = 1_000

/** What must occur among so many runs: a thing of these that never did is reported. */
const expected: ReadonlyArray<string> = [
  ...transitions,
  ...outcomes,
  ...Object.keys(Policy.fields).map((field) => `policy ${field}`),
  ...faults.map((name) => `fault ${name}`),
  ...acts,
  ...["Seen", "Lease", "Cancel", "Over", "Rewind"].map((name) => `signal ${name}`),
  ...["Assigned", "Cancel"].map((name) => `stream ${name}`),
  ...["Standing", "Percent", "End"].map((name) => `followed project ${name}`),
  ...eventNames.map((name) => `event ${name}`),
  ...probeNames.map((name) => `probe ${name}`)
]

/** Adds counts up. */
export const add = (sums: Map<string, number>, counts: ReadonlyMap<string, number>): void => {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
}

/** What should have occurred in so many runs and did not. */
export const missingFrom = (sums: ReadonlyMap<string, number>, runs: number): ReadonlyArray<string> =>
  runs < enoughForAll ? [] : expected.filter((name) => !sums.has(name))

/** The lines of a summary: how often each thing occurred in so many runs, and what never did and should have. */
export const summaryOf = (sums: ReadonlyMap<string, number>, runs: number): ReadonlyArray<string> => {
  const byName = [...sums].toSorted(([left], [right]) => (left < right ? -1 : 1))
  return [
    ...byName.map(([name, count]) => `${String(count).padStart(9)}  ${name}`),
    ...missingFrom(sums, runs).map((name) => `    never  ${name}`)
  ]
}
