/** Of those who ask, whoever suits a job best gets it; its score is as the documents say, as far as its parts are known. */
import { failingOutcomes } from "../../../src/domain/attempts/failedBy.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Skills } from "../../../src/domain/matching/Constraint.ts"
import type { CheckerMaker } from "../Checker.ts"
import type { JobHistory } from "../../../src/domain/jobs/Timeline.ts"
import { givenBy } from "../facts/StoreWatch.ts"
import { meets } from "./rules/eligibility.ts"
import { Merits, type Range } from "./known/Merits.ts"

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

/** What is known of an attempt when it is given. */
interface Begun {
  readonly job: JobRecord
  readonly pendingFor: number
  readonly hasFailedIt: boolean
  readonly record: Range
  readonly load: Range
}

/** Whether the worker has failed or lost the job since it was created or last retried by hand. */
const hasFailed = (worker: string, { attempts, retries }: JobHistory): boolean => {
  const first = retries.at(-1)?.version ?? 0
  return attempts.some(
    (attempt) =>
      attempt.worker === worker &&
      attempt.startedVersion > first &&
      attempt.outcome !== null &&
      failingOutcomes.includes(attempt.outcome)
  )
}

export const bestWorker: CheckerMaker = {
  name: "the best worker gets it",
  make: (facts, violated) => {
    const begun = new Map<string, Begun>()
    const merits = new Merits(facts)
    return {
      changed: (change) => {
        const job = givenBy(change)
        if (job === null || change.before === null) return merits.changed(change)
        const { attempt, id, runAt } = job
        begun.set(attempt.id, {
          job,
          pendingFor: facts.now() - runAt.epochMilliseconds,
          hasFailedIt: hasFailed(attempt.worker, change.before),
          record: merits.record(attempt.worker, job.group.type),
          load: merits.load(attempt.worker)
        })
        merits.changed(change)
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
          const { hasFailedIt, job, load, pendingFor, record } = known
          const fit = fitOf(job, sighting.vacancy.suitability.skills, pendingFor)
          const certain = 0.6 * fit - (hasFailedIt ? 0.3 : 0)
          const held = (score: number) => Math.min(1, Math.max(0, score))
          const least = held(certain + 0.4 * record.least - 0.1 * load.most)
          const most = held(certain + 0.4 * record.most - 0.1 * load.least)
          if (attempt.score < least - rounding || attempt.score > most + rounding)
            violated(
              `${attempt.id} has the score ${attempt.score}, with a fit of ${fit}, and not one from ${least} to ${most}`
            )
        }
      }
    }
  }
}
