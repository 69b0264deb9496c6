/** What comes after an attempt is over changes nothing: neither of the attempt nor, by its worker's word, of the job. */
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import { canonicalJson } from "../../../src/domain/Json.ts"
import type { CheckerMaker } from "../Checker.ts"

/** What is a worker's own to say. */
const ownOf = ({ leaseExpiresAt, mark, message, percent, worker }: AttemptRecord): string =>
  canonicalJson([mark, message, percent, worker, leaseExpiresAt.epochMilliseconds])

export const fence: CheckerMaker = {
  name: "the fence holds",
  make: (_, violated) => {
    const over = new Map<AttemptId, AttemptRecord>()
    return {
      changed: ({ after, before, id }) => {
        // The last that was over, and all that is its own.
        for (const attempt of after?.attempts.slice(-3) ?? []) {
          if (attempt.endedAt === null) continue
          const then = over.get(attempt.id)
          over.set(attempt.id, attempt)
          if (then === undefined || then === attempt) continue
          const [was, is] = [ownOf(then), ownOf(attempt)]
          if (was !== is) violated(`${attempt.id} of ${id} changed after its end from ${was} to ${is}`)
        }
        // A job ends by the word of the attempt that was live, and of no other.
        if (after?.job.status !== "done" || before?.job.status === "done") return
        const result = after.job.attempt?.result
        if (
          result !== null &&
          canonicalJson(result).includes('"by"') &&
          !canonicalJson(result).includes(before?.job.attempt?.id ?? "?")
        ) {
          violated(`${id} is done by ${canonicalJson(result)}, which was not its live attempt`)
        }
      },
      saw: (sighting) => {
        if (sighting._tag === "Refused" && sighting.problem === "AttemptOver") {
          const { attempt } = sighting.holding
          if (!over.has(attempt)) violated(`a report on ${attempt} was refused that has not ended`)
        }
        if (sighting._tag === "Recorded" && !sighting.isRepeated) {
          const { attempt } = sighting.holding
          if (!over.has(attempt)) violated(`a report on ${attempt} was acknowledged that has not ended`)
        }
      }
    }
  }
}
