/** Nothing dies that the store did not make die, and the log has nothing to complain about. */
import type { CheckerMaker } from "../Checker.ts"

export const noComplaints: CheckerMaker = {
  name: "no complaints",
  make: (_, violated) => ({
    saw: (sighting) => {
      if (sighting._tag === "Complaint") violated(sighting.text)
    }
  })
}
