/** Adds up what has happened to jobs, so that whoever wants the counts need not read it one by one. */
import { Duration, Effect } from "effect"
import { CountsRepo } from "../../domain/stats/CountsRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 10_000

/** What happens within this time is added up together. */
const gathering = Duration.seconds(1)

export const rollUpCounts = Effect.gen(function* () {
  const repo = yield* CountsRepo
  return yield* Duty.run({
    name: "add up the counts of jobs",
    step: Effect.map(repo.rollUp(largestBatch), (count) => ({
      count,
      next: count === largestBatch ? Duration.zero : null
    })),
    dueAfter: () => gathering
  })
})
