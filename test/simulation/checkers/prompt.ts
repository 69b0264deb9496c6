/** Somebody who waits gets a new job as soon as it is heard of: a wake-up that is lost would show as a backstop's delay. */
import type { CheckerMaker } from "../Checker.ts"

export const prompt: CheckerMaker = {
  name: "assigned at once",
  make: (_, violated) => ({
    saw: (sighting) => {
      if (sighting._tag === "NobodyWaited") {
        violated(`${sighting.job} was there for ${sighting.within} ms, and no worker waited for long`)
      }
      if (sighting._tag !== "Probed" || sighting.status !== "pending") return
      violated(`${sighting.job} is pending after ${sighting.within} ms though workers wait for it`)
    }
  })
}
