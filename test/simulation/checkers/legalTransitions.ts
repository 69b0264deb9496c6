/**
 * `scheduled` → `pending` → `processing` → `done`, `failed` or `cancelled`, and back only in the ways that are said: an end
 * that leads on, an amendment of the time, a retry by hand. Every change of the status makes a new version, and only one.
 */
import { isFinished, type JobStatus } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

const legal: { readonly [From in JobStatus | "none"]: ReadonlyArray<JobStatus | "none"> } = {
  none: ["scheduled", "pending"],
  scheduled: ["scheduled", "pending", "cancelled", "failed"],
  pending: ["pending", "scheduled", "processing", "cancelled", "failed"],
  processing: ["processing", "pending", "scheduled", "done", "failed", "cancelled"],
  done: ["none"],
  failed: ["none", "pending"],
  cancelled: ["none", "pending"]
}

export const transitions: ReadonlyArray<string> = Object.entries(legal).flatMap(([from, all]) =>
  all.filter((to) => to !== from).map((to) => `job ${from} → ${to}`)
)

export const legalTransitions: CheckerMaker = {
  name: "legal transitions",
  make: (_, violated) => ({
    changed: ({ after, before, id }) => {
      const from = before?.job.status ?? "none"
      const to = after?.job.status ?? "none"
      if (from === to && before?.job.version === after?.job.version) return
      if (!legal[from].includes(to)) violated(`${id} went from ${from} to ${to}`)
      if (after === null) return
      const version = before?.job.version ?? 0
      if (after.job.version !== version + 1)
        violated(`${id} went from version ${version} to ${after.job.version}`)
      const hasEnd = after.job.finishedAt !== null
      if (hasEnd !== isFinished(to === "none" ? (from === "none" ? "pending" : from) : to))
        violated(`${id} is ${to}, and finishedAt says otherwise`)
    }
  })
}
