/** Forgets workers that were gone for long, and what they failed that counts no more. */
import { Duration, Effect } from "effect"
import { WorkerRepo } from "../../domain/workers/WorkerRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000
/** Nobody waits for it. */
const backstop = Duration.minutes(1)

export const forgetWorkers = Effect.gen(function* () {
  const repo = yield* WorkerRepo
  return yield* Duty.run({
    name: "forget workers",
    backstop,
    step: Effect.map(repo.forget(largestBatch), ({ done, next }) => ({ count: done.length, next })),
    dueAfter: () => null
  })
})
