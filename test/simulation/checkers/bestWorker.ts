/** Of those who ask, whoever suits a job best gets it; its score is as the documents say, as far as its parts are known. */
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Skills } from "../../../src/domain/matching/Constraint.ts"
import type { CheckerMaker } from "../Checker.ts"
import { givenBy } from "../Facts.ts"
import { meets } from "./eligibility.ts"

const mostRunnersUp = 3
/** Scores are rounded to hundredths. */
const rounding = 0.0051

/** The part of the wishes of a job, by weight, that somebody with these skills satisfies. */
export const fitOf = ({ group }: JobRecord, skills: Skills, pendingFor: number): number => {
  const wishes = group.constraints.filter(({ relaxAfter, weight }) =>
    relaxAfter === undefined ? weight !== undefined : pendingFor >= relaxAfter
  )
  const sum = (all: typeof wishes) => all.reduce((total, { weight }) => total + (weight ?? 1), 0)
  const all = sum(wishes)
  return all === 0 ? 1 : sum(wishes.filter((wish) => meets(skills, wish))) / all
}

export const bestWorker: CheckerMaker = {
  name: "the best worker gets it",
  make: (facts, violated) => {
    const begun = new Map<string, { readonly job: JobRecord; readonly pendingFor: number }>()
    return {
      changed: (change) => {
        const job = givenBy(change)
        if (job === null) return
        const { attempt, id, runAt } = job
        begun.set(attempt.id, { job, pendingFor: facts.now() - runAt.epochMilliseconds })
        const { runnersUp, score, worker } = attempt
        if (score === null || score < 0 || score > 1) return violated(`${attempt.id} has the score ${score}`)
        if (runnersUp.length > mostRunnersUp) violated(`${attempt.id} has ${runnersUp.length} runners-up`)
        let last = score
        for (const one of runnersUp) {
          if (one.score > last)
            violated(`${id} was given to ${worker} with ${last} rather than ${one.worker} with ${one.score}`)
          last = one.score
        }
      },
      saw: (sighting) => {
        if (sighting._tag !== "Assigned") return
        for (const { attempt } of sighting.claimed) {
          const known = begun.get(attempt.id)
          begun.delete(attempt.id)
          if (known === undefined || attempt.score === null) continue
          const fit = fitOf(known.job, sighting.vacancy.suitability.skills, known.pendingFor)
          // The record adds up to 0.4; the load takes away up to 0.1, and an earlier failure 0.3.
          const [least, most] = [Math.max(0, 0.6 * fit - 0.4), Math.min(1, 0.6 * fit + 0.4)]
          if (attempt.score < least - rounding || attempt.score > most + rounding)
            violated(`${attempt.id} has the score ${attempt.score}, with a fit of ${fit}`)
        }
      }
    }
  }
}
