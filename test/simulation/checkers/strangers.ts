/** Of an attempt only its own worker can say anything: everybody else is refused, and nothing of it is kept. */
import { canonicalJson } from "../../../src/domain/Json.ts"
import { wordOfStranger } from "../actors/strangers.ts"
import type { CheckerMaker } from "../Checker.ts"

const theirs = canonicalJson(wordOfStranger)

export const strangers: CheckerMaker = {
  name: "strangers are refused",
  make: (facts, violated) => ({
    changed: ({ after, before }) => {
      const attempt = after?.job.attempt
      if (attempt == null || attempt.endedAt === null || before?.job.attempt?.endedAt != null) return
      if (canonicalJson(attempt.result) === theirs || canonicalJson(attempt.error) === theirs)
        violated(`${attempt.id} of ${attempt.worker} ended by the word of a stranger`)
    },
    saw: (sighting) => {
      if (sighting._tag !== "StrangerAnswered") return
      const { answer, holding } = sighting
      if (answer === "WrongWorker") return
      // A job that was finished may have been deleted since.
      if (answer === "JobNotFound" && !facts.state.histories.has(holding.job)) return
      violated(`${holding.worker} spoke of ${holding.attempt}, which it does not hold: ${answer}`)
    }
  })
}
