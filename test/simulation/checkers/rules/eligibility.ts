/** Who may have which job, told anew as the documents tell it, of what occurs in a run. */
import type { Constraint, Skills } from "../../../../src/domain/matching/Constraint.ts"
import type { JobRecord } from "../../../../src/domain/jobs/Job.ts"
import type { Vacancy } from "../../../../src/domain/dispatching/Vacancies.ts"

/** Whether skills are as a constraint wants them. */
export const meets = (skills: Skills, { op, skill, value }: Constraint): boolean => {
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

/** Why somebody may not have a job that has been pending for so many milliseconds; null if it may. */
export const whyNot = (vacancy: Vacancy, job: JobRecord, pendingFor: number): string | null => {
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
