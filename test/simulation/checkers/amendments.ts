/** A job that somebody was told is changed was what was asked for, when it was asked for and until somebody else changed it. */
import { DateTime, Equal } from "effect"
import type { Amendment } from "../../../src/domain/jobs/Amendment.ts"
import type { JobJson } from "../../../src/domain/jobs/Job.ts"
import { toConstraintJson } from "../../../src/domain/matching/Constraint.ts"
import type { CheckerMaker } from "../Checker.ts"
import { type PastJob, PastJobs } from "./known/PastJobs.ts"

const isAsked = (wanted: unknown, actual: unknown): boolean =>
  wanted === undefined || Equal.equals(wanted, actual)

/** Whether a job is due when it should be: of what is past, from the moment on at which it was asked for. */
const isDueAsAsked = (runAt: DateTime.Utc | undefined, { at, job }: PastJob): boolean => {
  if (runAt === undefined) return true
  const wished = DateTime.toEpochMillis(runAt)
  return (
    DateTime.toEpochMillis(job.runAt) === Math.max(wished, at) &&
    job.status === (wished > at ? "scheduled" : "pending")
  )
}

const isAmended = ({ constraints, priority, runAt, tags }: Amendment, past: PastJob): boolean =>
  isAsked(priority, past.job.group.priority) &&
  isAsked(constraints, past.job.group.constraints) &&
  isAsked(tags, past.job.tags) &&
  isDueAsAsked(runAt, past)

const isShown = ({ constraints, priority, tags }: Amendment, shown: JobJson): boolean =>
  isAsked(priority, shown.priority) &&
  isAsked(constraints?.map(toConstraintJson), shown.constraints) &&
  isAsked(tags, shown.tags)

export const amendments: CheckerMaker = {
  name: "amendments",
  make: (facts, violated) => {
    const past = new PastJobs(facts)
    return {
      changed: (change) => past.changed(change),
      saw: (sighting) => {
        if (sighting._tag !== "Amended") return
        const { amendment, askedAt, job, shown } = sighting
        const asked = JSON.stringify(amendment)
        if (!isShown(amendment, shown)) violated(`${job} is shown otherwise than it was changed: ${asked}`)
        if (!past.since(job, askedAt).some((one) => isAmended(amendment, one)))
          violated(`${job} was not changed, though that was acknowledged: ${asked}`)
      }
    }
  }
}
