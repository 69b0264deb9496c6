/** How and why a job has ended. */
import { DateTime, Predicate } from "effect"
import { counted } from "../counted.ts"
import { errorInLine } from "../errorInLine.ts"
import { inShort } from "../events/eventsOf.ts"
import type { Reason } from "./Explanation.ts"
import type { JobRecord } from "../jobs/Job.ts"
import type { Policy } from "../policies/Policy.ts"

const at = (time: DateTime.Utc | null): string => (time === null ? "" : ` at ${DateTime.formatIso(time)}`)

const explainFailure = (job: JobRecord, policy: Policy): Reason => {
  const { attempt, expiresAt, failures, losses, reason } = job
  if (reason === "expired") {
    const sentence = `It was not finished in time, and expired${at(expiresAt)}.`
    return { code: "expired", at: expiresAt, sentence }
  }
  if (attempt?.outcome === "lost") {
    const sentence = `Its workers were lost ${counted(losses, "time")}, of ${policy.maxLost} that are allowed (maxLost).`
    return { code: "lost-too-often", losses, maxLost: policy.maxLost, sentence }
  }
  const maxAttempts = job.maxAttempts ?? policy.maxAttempts
  const error = attempt === null ? null : inShort(attempt.error)
  const said = attempt === null ? null : errorInLine(attempt.error)
  const why = said === null ? "" : ` The error: ${said}`
  // The budget as it is now says nothing: it may have been another when the job ended.
  if (
    attempt !== null &&
    Predicate.hasProperty(attempt.error, "retryable") &&
    attempt.error.retryable === false
  ) {
    return {
      code: "not-retryable",
      error,
      sentence: `Its worker said that it is not to be tried again.${why}`
    }
  }
  const sentence = `It failed ${counted(failures, "time")}, of ${maxAttempts} that are allowed (maxAttempts).${why}`
  return { code: "attempts-spent", failures, maxAttempts, error, sentence }
}

const explainCancellation = ({ cancelRequest, finishedAt }: JobRecord): Reason => {
  const { by = null, reason = null } = cancelRequest ?? {}
  const who = by === null ? "It was cancelled" : `${by} cancelled it`
  const sentence = `${who}${at(finishedAt)}${reason === null ? "." : `: ${reason}`}`
  return { code: "cancelled", by, reason, at: finishedAt, sentence }
}

export const explainEnd = (job: JobRecord, policy: Policy): ReadonlyArray<Reason> => {
  switch (job.status) {
    case "failed":
      return [explainFailure(job, policy)]
    case "cancelled":
      return [explainCancellation(job)]
    default: {
      const worker = job.attempt?.worker ?? null
      const who = worker === null ? "It was done" : `${worker} has done it`
      return [{ code: "done", worker, at: job.finishedAt, sentence: `${who}${at(job.finishedAt)}.` }]
    }
  }
}
