/** What a banned worker holds is taken from it soon, and nothing is given to it. */
import type { CheckerMaker } from "../Checker.ts"

/** How often a server looks by itself who is banned. */
const backstop = 15_000
/** How long it takes to end what was given meanwhile, and more. */
const ending = 1_000

export const bans: CheckerMaker = {
  name: "bans",
  make: (facts, violated) => {
    /** Since when each worker is banned that is. */
    const banned = new Map<string, number>()
    return {
      workerChanged: (before, after) => {
        if (after === null) return
        if (after.state !== "banned") banned.delete(after.name)
        else if (before?.state !== "banned") banned.set(after.name, facts.now())
      },
      saw: (sighting) => {
        if (sighting._tag !== "Glance") return
        for (const { attempt, id } of facts.state.byStatus.processing.values()) {
          const since = banned.get(attempt?.worker ?? "")
          if (attempt === null || since === undefined) continue
          const late = facts.delays.lateness(since)
          if (late > facts.delays.lag(backstop) + ending)
            violated(`${attempt.worker} has been banned for ${late} ms, and does ${id}`)
        }
      }
    }
  }
}
