/** The alerts: what a supervisor should look at of what has happened, and when that is over. */
import type { BossEventJson } from "../../domain/events/BossEvent.ts"
import { type Alert, mostAlerts, mostAlertedJobs } from "./Data.ts"
import { timeOf, type ToldEvent } from "./ToldEvent.ts"

/** That attempts were lost is told of for so long. */
const lostForMillis = 10 * 60_000

const subjectOf = (event: BossEventJson): Pick<Alert, "kind" | "key"> | null => {
  switch (event.event) {
    case "job.unclaimed":
      return { kind: "unclaimed", key: `unclaimed ${event.type}` }
    case "attempt.lost":
      return { kind: "lost", key: `lost ${event.worker}` }
    default:
      return null
  }
}

// What makes an alert, and, of jobs that are unclaimed, what ends it: they were claimed after all, or nobody needs to any more.
const alerting = ["job.unclaimed", "attempt.lost"]
const ending = ["job.assigned", "job.cancelled", "job.failed"]

/** The alerts after these events: one for each type that is unclaimed, and for each worker that was lost. */
export const alertsAfter = (
  alerts: ReadonlyArray<Alert>,
  events: ReadonlyArray<ToldEvent>
): ReadonlyArray<Alert> => {
  // Most events have nothing to do with alerts, and are not even read.
  const matter = events.filter(({ name }) => alerting.includes(name) || ending.includes(name))
  if (alerts.length === 0 && !matter.some(({ name }) => alerting.includes(name))) return alerts
  const after = new Map(alerts.map((alert) => [alert.key, { ...alert, jobs: new Set(alert.jobs) }]))
  let isChanged = false
  for (const { event } of matter) {
    if (event === null || !("job" in event)) continue
    const subject = subjectOf(event)
    if (subject !== null) {
      const jobs = after.get(subject.key)?.jobs ?? new Set()
      if (jobs.size < mostAlertedJobs) jobs.add(event.job)
      // What happened last comes last.
      after.delete(subject.key)
      after.set(subject.key, { ...subject, event, at: timeOf(event), jobs })
      isChanged = true
    } else {
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
  const isOver = ({ at, kind }: Alert) => kind === "lost" && now - at > lostForMillis
  return alerts.some(isOver) ? alerts.filter((alert) => !isOver(alert)) : alerts
}
