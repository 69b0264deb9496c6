/** Forgets idempotency keys that nobody will repeat any more. */
import { Duration, Effect } from "effect"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000
/** Nobody waits for it: a key is worth nothing from its time on, whether it is still there or not. */
const backstop = Duration.minutes(1)

export const forgetIdempotencyKeys = Effect.gen(function* () {
  const repo = yield* JobRepo
  return yield* Duty.run({
    name: "forget idempotency keys",
    backstop,
    step: Effect.map(repo.forgetKeys(largestBatch), ({ done, next }) => ({ count: done.length, next })),
    dueAfter: () => null
  })
})
