/** Who waits for the end of a job is shown it soon after that, as it is, and not before, unless the wait is over. */
import { Duration } from "effect"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"
import { type PastJob, PastJobs } from "./known/PastJobs.ts"

/** How often a server looks by itself whether a job has ended that somebody waits for. */
const backstop = 15_000

/** Since when a job has been finished that was not retried meanwhile; null if it is not, or was. */
const endedAt = (past: ReadonlyArray<PastJob>): number | null => {
  const ends = past.filter(({ job }) => isFinished(job.status))
  const [end] = ends
  return end !== undefined && ends.length === 1 && past.at(-1) === end ? end.since : null
}

export const waiting: CheckerMaker = {
  name: "waits for an end",
  make: (facts, violated) => {
    const past = new PastJobs(facts)
    const { networkDelay, storeDelay } = facts.options
    /** How long what is asked and answered is on its way, with all that the server reads for it. */
    const longestWay = 2 * networkDelay + 4 * storeDelay

    return {
      changed: (change) => past.changed(change),
      saw: (sighting) => {
        if (sighting._tag !== "Waited") return
        const { askedAt, job, shown, wait } = sighting
        const meanwhile = past.since(job, askedAt)
        const lately = past.since(job, Math.max(askedAt, facts.elapsed() - longestWay))
        const waited = facts.elapsed() - askedAt
        const longest = Duration.toMillis(wait)
        if (lately.every(({ job: { status } }) => status !== shown.status))
          violated(`${job} was shown as ${shown.status}, which it was not`)
        if (!isFinished(shown.status) && waited < longest)
          violated(`${job} was shown as ${shown.status} after ${waited} ms of ${longest}`)
        if (waited > longest + longestWay)
          violated(`${job} was shown after ${waited} ms to somebody who waits for ${longest}`)
        const ended = endedAt(meanwhile)
        if (ended === null) return
        const since = facts.elapsed() - Math.max(ended, askedAt)
        const late = Math.min(since, facts.delays.lateness(facts.now() - since))
        if (late > facts.delays.lag(backstop) + longestWay)
          violated(`somebody who waits for the end of ${job} was told of it after ${late} ms`)
      }
    }
  }
}
