/** Nobody decides on what belongs to somebody else, nor is taken for somebody else. */
import type { CheckerMaker } from "../Checker.ts"

export const intruders: CheckerMaker = {
  name: "intruders are refused",
  make: (_, violated) => ({
    saw: (sighting) => {
      if (sighting._tag !== "IntruderAnswered" || sighting.problems.includes(sighting.said)) return
      violated(`to ${sighting.what} an intruder got ${sighting.said}`)
    }
  })
}
