/** A job that is created is as it was wished for, and the policy of its type says the rest. */
import { DateTime, type Duration, Equal } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord, NewJob } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

/** A job as it was stored, and in how much time it may expire by the policies that may have been in force. */
interface Created {
  readonly job: JobRecord
  readonly lifetimes: ReadonlyArray<Duration.Duration | null>
}

/** When the job is due: at once if that was so already, and a delay counts from its creation. */
const dueBy = ({ delay, runAt }: NewJob, createdAt: DateTime.Utc): DateTime.Utc => {
  const wished = runAt ?? (delay === undefined ? createdAt : DateTime.addDuration(createdAt, delay))
  return DateTime.max(wished, createdAt)
}

/** The fields in which a job is not what was wished for. */
const differences = (wish: NewJob, { job, lifetimes }: Created): ReadonlyArray<string> => {
  const { constraints, fairnessKey, priority, type } = job.group
  const dueAt = dueBy(wish, job.createdAt)
  const isDue = DateTime.Equivalence(dueAt, job.createdAt)
  const lifetime = wish.expiresIn === undefined ? lifetimes : [wish.expiresIn]
  const expiries = lifetime.map((time) => (time === null ? null : DateTime.addDuration(job.createdAt, time)))
  const pairs: ReadonlyArray<readonly [field: string, actual: unknown, ...wished: ReadonlyArray<unknown>]> = [
    ["type", type, wish.type],
    ["parameters", job.parameters, wish.parameters],
    ["priority", priority, wish.priority ?? 0],
    ["tags", job.tags, wish.tags ?? []],
    ["constraints", constraints, wish.constraints ?? []],
    ["fairnessKey", fairnessKey, wish.fairnessKey ?? null],
    ["project", job.project, wish.project ?? null],
    ["status", job.status, isDue ? "pending" : "scheduled"],
    ["runAt", job.runAt, dueAt],
    ["expiresAt", job.expiresAt, ...expiries],
    ["maxAttempts", job.maxAttempts, wish.maxAttempts ?? null],
    ["lease", job.lease, wish.lease ?? null],
    ["maxRun", job.maxRun, wish.maxRun ?? null]
  ]
  return pairs.flatMap(([field, actual, ...wished]) =>
    wished.some((one) => Equal.equals(actual, one)) ? [] : [field]
  )
}

export const asWished: CheckerMaker = {
  name: "jobs are as wished",
  make: (facts, violated) => {
    const created = new Map<JobId, Created>()
    return {
      changed: ({ after, before, id }) => {
        if (before !== null || after === null) return
        const { job } = after
        const lifetimes = facts.rules.policiesOf(job.group.type).map(({ expiresIn }) => expiresIn)
        created.set(id, { job, lifetimes })
      },
      saw: (sighting) => {
        if (sighting._tag !== "Acknowledged") return
        const { jobs, wishes } = sighting
        if (jobs.length !== wishes.length)
          violated(`${jobs.length} jobs were acknowledged, and ${wishes.length} wished for`)
        for (const [place, wish] of wishes.entries()) {
          const id = jobs[place]
          const known = id === undefined ? undefined : created.get(id)
          if (known === undefined) continue
          const wrong = differences(wish, known)
          if (wrong.length > 0) violated(`${id} has another ${wrong.join(", ")} than was wished for`)
        }
      }
    }
  }
}
