/** Forgets idempotency keys that nobody will repeat any more. */
import { Effect } from "effect"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

export const forgetIdempotencyKeys = Effect.gen(function* () {
  const repo = yield* JobRepo
  return yield* Duty.run({
    name: "forget idempotency keys",
    step: Effect.map(repo.forgetKeys(largestBatch), ({ done, next }) => ({ count: done.length, next })),
    dueAfter: () => null
  })
})
