/** Nothing leaks: nobody waits, watches or reads at a server who has gone, and no fiber goes on when all servers have stopped. */
import type { CheckerMaker } from "../Checker.ts"

export const leaks: CheckerMaker = {
  name: "nothing leaks",
  make: (_, violated) => ({
    saw: (sighting) => {
      if (sighting._tag === "Stopped" && sighting.fibers > 0)
        violated(`${sighting.fibers} fibers go on though all servers have stopped`)
      if (sighting._tag !== "End") return
      for (const [what, count] of Object.entries(sighting.left)) {
        if (count > 0) violated(`${count} are ${what} who have gone`)
      }
    }
  })
}
