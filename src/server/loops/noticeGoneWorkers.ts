/** Takes note of workers of which nothing is heard any more, and forgets those that were gone for long. */
import { Effect } from "effect"
import { WorkerRepo } from "../../domain/WorkerRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

export const noticeGoneWorkers = Effect.gen(function* () {
  const repo = yield* WorkerRepo
  return yield* Duty.run({
    name: "notice workers that are gone",
    step: Effect.map(repo.noticeGone(largestBatch), ({ done, next }) => ({ count: done.length, next })),
    dueAfter: () => null
  })
})
