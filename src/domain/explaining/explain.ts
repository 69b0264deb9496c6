/** Explains why a job is where it is: a pure decision on what is known of it. */
import { DateTime } from "effect"
import type { AttemptRecord } from "../attempts/Attempt.ts"
import { explainEnd } from "./explainEnd.ts"
import { explainWaiting, type WaitingFacts } from "./explainWaiting.ts"
import type { Explanation, Reason } from "./Explanation.ts"
import { currentAttempt, type JobRecord } from "../jobs/Job.ts"
import type { Policy } from "../policies/Policy.ts"

export interface Facts {
  readonly job: JobRecord
  readonly policy: Policy
  /** Of a job that waits. */
  readonly waiting: WaitingFacts | null
}

const scoreText = ({ runnersUp, score }: AttemptRecord): string => {
  if (score === null) return ""
  if (runnersUp.length === 0) return `, which suits it with a score of ${score}`
  const others = runnersUp.map((other) => `${other.worker} with ${other.score}`).join(", ")
  return `, which suits it with a score of ${score}, before ${others}`
}

const explainRunning = ({ cancelRequest }: JobRecord, attempt: AttemptRecord): Explanation["reasons"] => {
  const { cancelAt, leaseExpiresAt, startedAt, worker } = attempt
  const since = DateTime.formatIso(startedAt)
  const running: Reason = {
    code: "running",
    worker,
    since: startedAt,
    leaseExpiresAt,
    sentence: `It has been running since ${since} at ${worker}${scoreText(attempt)}.`
  }
  if (cancelAt === null) return [running]
  const { by = null, reason = null } = cancelRequest ?? {}
  const until = DateTime.formatIso(cancelAt)
  const who = by === null ? "It is being cancelled" : `${by} cancels it`
  const why = reason === null ? "" : ` (${reason})`
  const sentence = `${who}${why}: ${worker} is told to stop, and has until ${until}.`
  return [{ code: "cancelling", by, reason, until: cancelAt, sentence }, running]
}

const assignmentOf = (attempt: AttemptRecord): Explanation["assignment"] => ({
  worker: attempt.worker,
  attempt: attempt.id,
  number: attempt.number,
  score: attempt.score,
  runnersUp: attempt.runnersUp,
  since: attempt.startedAt,
  leaseExpiresAt: attempt.leaseExpiresAt,
  runUntil: attempt.runUntil,
  endedAt: attempt.endedAt,
  outcome: attempt.outcome
})

type Explained = Pick<Explanation, "reasons" | "constraints" | "workers" | "place">

const explainStatus = ({ job, policy, waiting }: Facts): Explained => {
  if (waiting !== null) return explainWaiting(job, policy, waiting)
  const reasons =
    job.status === "processing" && job.attempt !== null
      ? explainRunning(job, job.attempt)
      : explainEnd(job, policy)
  return { reasons, constraints: [], workers: null, place: null }
}

export const explain = (facts: Facts): Explanation => {
  const { job } = facts
  const { group, id, status } = job
  const explained = explainStatus(facts)
  const attempt = currentAttempt(job)
  return {
    job: id,
    type: group.type,
    status,
    summary: explained.reasons[0]?.sentence ?? "",
    ...explained,
    assignment: attempt === null ? null : assignmentOf(attempt)
  }
}
