/** A job that was given to a worker is either answered to it, or given back at once, charged to nobody. */
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"
import { givenBy } from "../facts/StoreWatch.ts"
import { way } from "../facts/Delays.ts"

export const undelivered: CheckerMaker = {
  name: "undelivered jobs go back",
  make: (facts, violated) => {
    /** When the live attempts were given of which no answer has told, in milliseconds since the epoch. */
    const untold = new Map<AttemptId, number>()

    const check = (attempt: AttemptId, givenAt: number) => {
      const held = facts.now() - givenAt
      if (held > facts.delays.calls + way && facts.troubles.isQuietSince(givenAt))
        violated(`nobody was told of ${attempt}, and it was not given back for ${held} ms`)
    }

    return {
      changed: (change) => {
        const given = givenBy(change)
        if (given !== null) untold.set(given.attempt.id, facts.now())
        const attempt = change.after?.job.attempt
        if (attempt == null || attempt.endedAt === null) return
        const givenAt = untold.get(attempt.id)
        if (givenAt === undefined) return
        check(attempt.id, givenAt)
        untold.delete(attempt.id)
      },
      saw: (sighting) => {
        switch (sighting._tag) {
          case "Answered":
            for (const { attempt } of sighting.claimed) untold.delete(attempt.id)
            break
          case "StreamGave":
            untold.delete(sighting.claimed.attempt.id)
            break
          case "Glance":
            for (const [attempt, givenAt] of untold) check(attempt, givenAt)
            break
          // A server that did not hear what the store gave cannot give it back, nor can one that fails to.
          case "StoreFailed":
            untold.clear()
        }
      }
    }
  }
}
