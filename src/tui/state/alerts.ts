/** The alerts: what a supervisor should look at of what has happened, and when that is over. */
import { type Alert, type HeardEvent, mostAlerts, mostAlertedJobs } from "./Data.ts"

/** That attempts were lost is told of for so long. */
const lostForMillis = 10 * 60_000

const subjectOf = ({ event }: HeardEvent): Pick<Alert, "kind" | "key"> | null => {
  switch (event.event) {
    case "job.unclaimed":
      return { kind: "unclaimed", key: `unclaimed ${event.type}` }
    case "attempt.lost":
      return { kind: "lost", key: `lost ${event.worker}` }
    default:
      return null
  }
}

// A job that was claimed after all, or that nobody needs to claim any more.
const isNoLongerUnclaimed = ({ event }: HeardEvent): boolean =>
  event.event === "job.assigned" || event.event === "job.cancelled" || event.event === "job.failed"

/** The alerts after these events: one for each type that is unclaimed, and for each worker that was lost. */
export const alertsAfter = (
  alerts: ReadonlyArray<Alert>,
  events: ReadonlyArray<HeardEvent>
): ReadonlyArray<Alert> => {
  const after = new Map(alerts.map((alert) => [alert.key, { ...alert, jobs: new Set(alert.jobs) }]))
  let isChanged = false
  for (const heard of events) {
    const { event } = heard
    if (!("job" in event)) continue
    const subject = subjectOf(heard)
    if (subject !== null) {
      const jobs = after.get(subject.key)?.jobs ?? new Set()
      if (jobs.size < mostAlertedJobs) jobs.add(event.job)
      // What happened last comes last.
      after.delete(subject.key)
      after.set(subject.key, { ...subject, heard, jobs })
      isChanged = true
    } else if (isNoLongerUnclaimed(heard)) {
      const key = `unclaimed ${event.type}`
      const jobs = after.get(key)?.jobs
      if (jobs?.delete(event.job) !== true) continue
      if (jobs.size === 0) after.delete(key)
      isChanged = true
    }
  }
  return isChanged ? [...after.values()].slice(-mostAlerts) : alerts
}

/** The alerts that are not over by now; the same ones if none is. */
export const alertsAt = (alerts: ReadonlyArray<Alert>, now: number): ReadonlyArray<Alert> => {
  const isOver = ({ heard, kind }: Alert) => kind === "lost" && now - heard.at > lostForMillis
  return alerts.some(isOver) ? alerts.filter((alert) => !isOver(alert)) : alerts
}
