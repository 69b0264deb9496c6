/** Which jobs a worker accepts, as a condition on `job`. */
import { type AcceptedJobs, anyJob } from "../../../domain/matching/Acceptance.ts"
import { arrayLiteral } from "../parameters.ts"

/** The condition, if anything is asked of single jobs. Its parameters begin with the one of this number. */
const condition = (first: number) => {
  const [withTags, withoutTags, inOneOf, inNoneOf, isInProject] = [0, 1, 2, 3, 4].map(
    (place) => `$${first + place}`
  )
  return `
    and job.tags @> ${withTags}::text[] and not job.tags && ${withoutTags}::text[]
    and (${inOneOf}::uuid[] is null or job.project = any(${inOneOf}::uuid[]))
    and (job.project is null or job.project <> all(${inNoneOf}::uuid[]))
    and (${isInProject}::bool is null or ${isInProject}::bool = (job.project is not null))`
}

/** A statement for those who accept any job, and one for the others, with parameters from this number on. */
export const statementsFor = (statement: (accepted: string) => string, first: number) => {
  const ofAny = statement("")
  const ofAccepted = statement(condition(first))
  return (accepted: AcceptedJobs) => (accepted === anyJob ? ofAny : ofAccepted)
}

/** The parameters of the condition. */
export const acceptedParameters = (accepted: AcceptedJobs) =>
  accepted === anyJob
    ? []
    : [
        arrayLiteral(accepted.withTags),
        arrayLiteral(accepted.withoutTags),
        accepted.inOneOf === null ? null : arrayLiteral(accepted.inOneOf),
        arrayLiteral(accepted.inNoneOf),
        accepted.isInProject
      ]
