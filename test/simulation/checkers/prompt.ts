/** Whatever news or a clock brings comes at once: a wake-up that is lost would show as a backstop's delay. */
import type { CheckerMaker } from "../Checker.ts"

export const prompt: CheckerMaker = {
  name: "no wake-up is lost",
  make: (_, violated) => ({
    saw: (sighting) => {
      if (sighting._tag === "NobodyWaited") {
        violated(`${sighting.job} was there for ${sighting.within} ms, and no worker waited for long`)
      }
      if (sighting._tag !== "Probed" || sighting.hasCome) return
      violated(`${sighting.awaited} has not come in ${sighting.within} ms`)
    }
  })
}
