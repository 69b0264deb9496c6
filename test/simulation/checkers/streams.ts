/**
 * A stream of claims has at most as many unfinished jobs as its worker said it can do, and tells it of every job that is to
 * be stopped, once, and of no other.
 */
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"
import { way } from "../facts/Delays.ts"
import { OpenStreams } from "./known/OpenStreams.ts"
import { ToBeStopped } from "./known/ToBeStopped.ts"

/** How often a server looks by itself what became of an attempt. */
const backstop = 15_000

export const streams: CheckerMaker = {
  name: "streams of claims",
  make: (facts, violated) => {
    const open = new OpenStreams(facts)
    const toBeStopped = new ToBeStopped(facts)
    /** The attempts that each stream was told to stop. */
    const toldToStop = new Map<string, Set<AttemptId>>()

    const checkToldToStop = (attempt: AttemptId) => {
      const since = toBeStopped.since(attempt)
      if (since === undefined) return
      const late = facts.delays.lateness(since)
      if (late <= facts.delays.lag(backstop) + way) return
      for (const [stream, { unfinished }] of open.all()) {
        if (unfinished.has(attempt) && toldToStop.get(stream)?.has(attempt) !== true)
          violated(`${stream} said nothing in ${late} ms of ${attempt}, which was to be stopped`)
      }
    }

    return {
      changed: (change) => {
        toBeStopped.changed(change)
        const attempt = change.after?.job.attempt
        if (attempt != null && attempt.endedAt !== null) checkToldToStop(attempt.id)
        open.changed(change)
      },
      saw: (sighting) => {
        open.saw(sighting)
        if (sighting._tag === "StreamGave") {
          const { stream } = sighting
          const known = open.get(stream)
          if (known === undefined) return violated(`${stream} gave a job when it was closed`)
          if (known.unfinished.size > known.vacancy.max)
            violated(`${stream} has ${known.unfinished.size} unfinished, of ${known.vacancy.max}`)
        }
        if (sighting._tag === "StreamToldToStop") {
          const { claimed, stream } = sighting
          const { id } = claimed.attempt
          const told = toldToStop.get(stream) ?? new Set()
          toldToStop.set(stream, told)
          if (toBeStopped.since(id) === undefined)
            violated(`${stream} was told to stop ${id}, which may go on`)
          if (told.has(id)) violated(`${stream} was told twice to stop ${id}`)
          told.add(id)
        }
        if (sighting._tag === "StreamClosed") toldToStop.delete(sighting.stream)
      }
    }
  }
}
