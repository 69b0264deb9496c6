/** Progress is applied exactly once and in order; what was acknowledged is stored. */
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"

export const progress: CheckerMaker = {
  name: "progress once and in order",
  make: (facts, violated) => {
    const sent = new Map<AttemptId, Map<number, Set<string>>>()
    return {
      changed: ({ after, before }) => {
        const attempt = after?.job.attempt
        if (attempt == null || attempt.id !== before?.job.attempt?.id) return
        if (attempt.mark < before.job.attempt.mark) return violated(`the mark of ${attempt.id} went back`)
        if (attempt.mark === before.job.attempt.mark) return
        const stored = facts.state.progress.get(attempt.id) ?? []
        stored.forEach(({ data, event, id }, index) => {
          if (id !== index + 1) violated(`${attempt.id} has ${id} at the place ${index + 1}`)
          if (sent.get(attempt.id)?.get(id)?.has(`${event} ${data}`) !== true)
            violated(`${attempt.id} has stored ${id}, which was never sent like that`)
        })
        if (stored.length !== attempt.mark)
          violated(`${attempt.id} has stored ${stored.length}, and its mark is ${attempt.mark}`)
      },
      saw: (sighting) => {
        if (sighting._tag === "Sent") {
          const { data, event, holding, id } = sighting
          const { attempt } = holding
          const events = sent.get(attempt) ?? new Map<number, Set<string>>()
          sent.set(attempt, events)
          events.set(id, (events.get(id) ?? new Set()).add(`${event} ${data}`))
        }
        // Whoever is told to rewind goes on after the mark.
        if (sighting._tag === "Seen" || sighting._tag === "Rewound") {
          const { attempt } = sighting.holding
          const stored = facts.state.progress.get(attempt)?.length ?? 0
          if (stored < sighting.mark && facts.state.histories.has(sighting.holding.job)) {
            violated(`${attempt} was told that ${sighting.mark} is stored, and ${stored} is`)
          }
        }
      }
    }
  }
}
