/** What is known of a job, from which its explanation is made. */
import { DateTime, Schema } from "effect"
import type { LiveWorker } from "../../../src/domain/explaining/Ability.ts"
import { explain, type Facts } from "../../../src/domain/explaining/explain.ts"
import type { WaitingFacts } from "../../../src/domain/explaining/explainWaiting.ts"
import { Explanation } from "../../../src/domain/explaining/Explanation.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Outlook } from "../../../src/domain/explaining/Outlook.ts"
import type { Usage } from "../../../src/domain/matching/Limits.ts"
import { defaultPolicy, type Policy } from "../../../src/domain/policies/Policy.ts"
import { after, aGroup, aJob, anAttempt } from "./records.ts"

export const toJson = Schema.encodeSync(Explanation)

export const nothingUsed: Usage = { running: 0, ofWorkers: new Map(), ofKeys: new Map(), begun: [] }

/** One second after the job was due. */
export const anOutlook = (details: Partial<Outlook> = {}): Outlook => ({
  at: after(1_000),
  ahead: 0,
  usage: nothingUsed,
  ...details
})

export const aWorker = (name: string, details: Partial<LiveWorker> = {}): LiveWorker => ({
  name,
  types: [],
  skills: {},
  accepts: [],
  running: 0,
  kept: null,
  ...details
})
export const [able, busy] = [aWorker("able"), aWorker("busy", { running: 2 })]

export const waits = (
  worker: string,
  accepts: WaitingFacts["vacancies"][number]["suitability"]["accepts"] = []
) => ({
  worker,
  suitability: { types: [], skills: {}, accepts }
})

export const pending = (details: Partial<JobRecord> = {}) =>
  aJob({ status: "pending", attempts: 0, attempt: null, startedAt: null, ...details })

export interface Case {
  readonly job?: JobRecord
  readonly policy?: Partial<Policy>
  readonly waiting?: Partial<Omit<WaitingFacts, "living">> & {
    readonly workers?: ReadonlyArray<LiveWorker>
    readonly areAll?: boolean
  }
}

export const explained = ({ job = pending(), policy, waiting = {} }: Case) => {
  const { areAll = true, workers = [able], ...others } = waiting
  const isWaiting = job.status === "pending" || job.status === "scheduled"
  const facts: Facts = {
    job,
    policy: { ...defaultPolicy, ...policy },
    waiting: isWaiting
      ? {
          living: { workers, areAll },
          vacancies: [],
          outlook: job.status === "scheduled" ? null : anOutlook(),
          better: null,
          ...others
        }
      : null
  }
  return toJson(explain(facts))
}

export const constrained = (...constraints: JobRecord["group"]["constraints"]) =>
  pending({ group: aGroup({ constraints }) })
export const memory = { skill: "memoryGb", op: "gte", value: 8 } as const
export const small = aWorker("small", { skills: { memoryGb: 4 } })

export const over = (
  outcome: "done" | "failed" | "lost" | "timed-out" | "cancelled",
  error: Schema.Json = null
) => anAttempt({ outcome, error, endedAt: after(5_000) })
export const finished = (status: "done" | "failed" | "cancelled", details: Partial<JobRecord> = {}) =>
  aJob({ status, finishedAt: after(5_000), ...details })

export const at = (millis: number) => DateTime.formatIso(after(millis))
