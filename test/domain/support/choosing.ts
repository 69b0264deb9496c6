/** Queues to choose from, by name and by the minute. */
import { anyJob } from "../../../src/domain/matching/Acceptance.ts"
import type { BetterWorker, Candidate, Choosing, Queue } from "../../../src/domain/matching/Candidates.ts"
import { choose } from "../../../src/domain/matching/Choosing.ts"
import { makeRoom } from "../../../src/domain/matching/Limits.ts"
import type { JobGroup } from "../../../src/domain/matching/Matching.ts"
import type { Seeker } from "../../../src/domain/matching/Ranking.ts"
import { newSeeker } from "../../stores/StoreKit.ts"
import { aGroup, after } from "./records.ts"

export const minute = 60_000
export const endless = () => makeRoom(new Map(), 0)

/** When everything is chosen. */
export const chosenAt = 100 * minute

export type TestQueue = Queue<Candidate>

/** A queue with jobs that have been pending for so many milliseconds, named after its type. */
export const waitingJobs = (
  group: Partial<JobGroup> & { readonly type: string },
  waited: ReadonlyArray<number>,
  details: Partial<Omit<TestQueue, "group" | "jobs">> & { readonly failedBy?: ReadonlyArray<string> } = {}
): TestQueue => {
  const { failedBy = [], ...queue } = details
  return {
    group: aGroup(group),
    turn: 0,
    better: null,
    accepted: anyJob,
    isWhole: true,
    ...queue,
    jobs: waited.map((time, index) => ({
      id: `${group.type}${index + 1}`,
      runAt: after(chosenAt - time),
      failedBy
    }))
  }
}

/** Somebody for whom jobs are kept for so many milliseconds. */
export const aBetter = (details: Partial<BetterWorker> = {}): BetterWorker => ({
  worker: "better",
  score: 1,
  patience: 1_000,
  ...details
})

/** Workers of these names, the one that has waited longest first. */
export const seekers = (wishes: Readonly<Record<string, Partial<Seeker>>>): ReadonlyArray<Seeker> =>
  Object.entries(wishes).map(([worker, wish]) => newSeeker({ worker, ...wish }))

/** Skills of a worker that takes any type. */
export const skilled = (skills: Seeker["suitability"]["skills"]): Pick<Seeker, "suitability"> => ({
  suitability: { types: [], skills, accepts: [] }
})

/** As many as there are, unless the rest says otherwise. */
export const chooseFrom = (
  queues: ReadonlyArray<TestQueue>,
  those: ReadonlyArray<Seeker>,
  rest: Partial<Choosing<TestQueue>> = {}
) => choose({ queues, seekers: those, room: endless(), now: chosenAt, count: 1_000, spares: 0, ...rest })

/** Who got what, in the order in which it was given: `worker job`. */
export const given = (...choosing: Parameters<typeof chooseFrom>): ReadonlyArray<string> =>
  chooseFrom(...choosing).choices.map(({ job, seeker }) => `${seeker.worker} ${job.id}`)
