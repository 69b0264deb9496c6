/** Gathers what is known of a job, for it to be explained. */
import { Duration, Effect } from "effect"
import { Dispatcher } from "../dispatching/Dispatcher.ts"
import { failedBy } from "../attempts/failedBy.ts"
import { explain } from "./explain.ts"
import type { WaitingFacts } from "./explainWaiting.ts"
import type { Explanation } from "./Explanation.ts"
import type { JobRecord } from "../jobs/Job.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import { limitsOf } from "../matching/Limits.ts"
import { LiveWorkers } from "../workers/LiveWorkers.ts"
import type { Policy } from "../policies/Policy.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"

export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const policies = yield* SupervisorPolicy
  const liveWorkers = yield* LiveWorkers
  const dispatcher = yield* Dispatcher

  const betterFor = Effect.fnUntraced(function* (
    job: JobRecord,
    { patience }: Policy,
    asking: ReadonlySet<string>
  ) {
    if (Duration.isZero(patience)) return null
    const better = yield* liveWorkers.betterFor(job.group, patience, asking)
    if (better === null) return null
    const attempts = (yield* repo.history(job.id))?.attempts ?? []
    return failedBy(job, attempts).includes(better.worker) ? null : better
  })

  const factsOf = Effect.fnUntraced(function* (
    job: JobRecord,
    policy: Policy
  ): Effect.fn.Return<WaitingFacts> {
    const living = yield* liveWorkers.forType(job.group.type)
    const vacancies = yield* dispatcher.vacancies
    if (job.status === "scheduled") return { living, vacancies, outlook: null, better: null }
    const names = new Set(living.workers.map(({ name }) => name))
    const outlook = yield* repo.outlook({ job, limits: limitsOf(policy), workers: names })
    const better = yield* betterFor(job, policy, new Set(vacancies.map(({ worker }) => worker)))
    return { living, vacancies, outlook, better }
  })

  return {
    /** Why the job is where it is. */
    explain: Effect.fnUntraced(function* (job: JobRecord): Effect.fn.Return<Explanation> {
      const policy = policies.of(job.group.type)
      const isWaiting = job.status === "scheduled" || job.status === "pending"
      return explain({ job, policy, waiting: isWaiting ? yield* factsOf(job, policy) : null })
    })
  }
})
