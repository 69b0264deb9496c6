/** Counts are kept and not counted: at any moment they are those of the jobs that there are. */
import { byType, countsOf } from "../../../src/domain/stats/Flow.ts"
import type { JobStatus } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

export const tallies: CheckerMaker = {
  name: "counts",
  make: (facts, violated) => {
    const count = (status: JobStatus, type: string | null): number => {
      let sum = 0
      for (const { group } of facts.state.byStatus[status].values()) if (group.type === type) sum += 1
      return sum
    }
    const check = () => {
      for (const [type, flows] of byType([...facts.state.flows.values()])) {
        const counts = countsOf(flows)
        for (const status of ["scheduled", "pending", "processing", "done", "failed", "cancelled"] as const) {
          const there = count(status, type)
          if (counts[status] !== there)
            violated(`${counts[status]} jobs of ${type} are counted as ${status}, and ${there} are`)
        }
      }
    }
    return {
      saw: (sighting) => {
        if (sighting._tag === "Glance" || sighting._tag === "End") check()
      }
    }
  }
}
