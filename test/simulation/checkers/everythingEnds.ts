/** When nothing goes wrong any more every job ends. */
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

export const everythingEnds: CheckerMaker = {
  name: "everything ends",
  make: (facts, violated) => ({
    saw: (sighting) => {
      if (sighting._tag !== "End") return
      for (const { job } of facts.state.histories.values()) {
        if (!isFinished(job.status)) violated(`${job.id} is ${job.status} after an hour without faults`)
      }
    }
  })
}
