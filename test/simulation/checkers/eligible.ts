/** A job is given only to a worker that may have it: by type, constraints, what it accepts, pauses, bans, quarantines. */
import { DateTime } from "effect"
import type { Constraint, Skills } from "../../../src/domain/Constraint.ts"
import type { JobRecord } from "../../../src/domain/Job.ts"
import type { Vacancy } from "../../../src/domain/Vacancies.ts"
import type { CheckerMaker } from "../Checker.ts"

// Told anew, as the documents tell it, of the operators that occur in a run.
const meets = (skills: Skills, { op, skill, value }: Constraint): boolean => {
  const there = skills[skill]
  if (op === "absent") return there === undefined
  if (there === undefined) return false
  if (op === "exists") return true
  if (op === "eq") return there === value
  if (op === "contains") return Array.isArray(there) && there.some((item) => item === value)
  if (typeof there !== "number" || typeof value !== "number") return false
  return op === "gte" ? there >= value : op === "lt" ? there < value : false
}

const suitsType = (types: ReadonlyArray<string>, type: string): boolean =>
  types.length === 0 ||
  types.some((pattern) => (pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type))

const whyNot = (vacancy: Vacancy, job: JobRecord, pendingFor: number): string | null => {
  const { accepts, skills, types } = vacancy.suitability
  if (!suitsType(types, job.group.type)) return `it asked for ${types.join()}`
  const unmet = job.group.constraints.filter((constraint) => {
    const { relaxAfter, weight } = constraint
    const isRequired = relaxAfter === undefined ? weight === undefined : pendingFor < relaxAfter
    return isRequired && !meets(skills, constraint)
  })
  if (unmet.length > 0) return `it does not meet ${JSON.stringify(unmet)}`
  for (const wish of accepts) {
    if ("tag" in wish && wish.op === "absent" && job.tags.includes(wish.tag))
      return `it takes nothing with the tag ${wish.tag}`
    if ("property" in wish && wish.property === "priority" && job.group.priority < 0)
      return "its priority is too low"
  }
  return null
}

export const eligible: CheckerMaker = {
  name: "only eligible workers",
  make: (facts, violated) => {
    /** Jobs as they were when their attempts began, until their workers show by which wish they asked. */
    const begun = new Map<string, { readonly job: JobRecord; readonly pendingFor: number }>()
    return {
      changed: ({ after, before }) => {
        if (
          after?.job.status !== "processing" ||
          before?.job.status === "processing" ||
          after.job.attempt === null
        )
          return
        const { attempt, group, id, runAt } = after.job
        begun.set(attempt.id, { job: after.job, pendingFor: facts.now() - DateTime.toEpochMillis(runAt) })
        if (facts.policiesOf(group.type).every(({ paused }) => paused))
          violated(`${id} was given though ${group.type} is paused`)
        const known = facts.worker(attempt.worker)
        if (known.length === 0) return
        if (known.every(({ state }) => state !== "active"))
          violated(`${id} was given to ${attempt.worker}, which is kept from all jobs`)
        const isQuarantined = known.every(({ quarantines }) => {
          const until = quarantines.get(group.type)
          return until !== undefined && DateTime.toEpochMillis(until) > facts.now()
        })
        if (isQuarantined) violated(`${id} was given to ${attempt.worker}, which is in quarantine`)
      },
      saw: (sighting) => {
        if (sighting._tag !== "Assigned") return
        const { claimed, vacancy } = sighting
        if (claimed.length > vacancy.max)
          violated(`${vacancy.worker} got ${claimed.length} jobs, and asked for ${vacancy.max}`)
        for (const { attempt } of claimed) {
          const known = begun.get(attempt.id)
          begun.delete(attempt.id)
          if (known === undefined) violated(`${attempt.id} was given to ${vacancy.worker} and never began`)
          else {
            const reason = whyNot(vacancy, known.job, known.pendingFor)
            if (reason !== null) violated(`${known.job.id} was given to ${vacancy.worker}: ${reason}`)
            if (attempt.worker !== vacancy.worker)
              violated(`${vacancy.worker} got an attempt of ${attempt.worker}`)
          }
        }
      }
    }
  }
}
