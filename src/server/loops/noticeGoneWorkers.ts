/** Takes note of workers of which nothing is heard any more. */
import { Effect } from "effect"
import { EventFeed } from "../../domain/events/EventFeed.ts"
import { WorkerRepo } from "../../domain/workers/WorkerRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 1_000

export const noticeGoneWorkers = Effect.gen(function* () {
  const repo = yield* WorkerRepo
  const feed = yield* EventFeed
  return yield* Duty.run({
    name: "notice workers that are gone",
    step: Effect.gen(function* () {
      const { done, next } = yield* repo.noticeGone(largestBatch)
      yield* Effect.forEach(done, (worker) => feed.tell({ event: "worker.gone", worker }), { discard: true })
      return { count: done.length, next }
    }),
    dueAfter: () => null
  })
})
