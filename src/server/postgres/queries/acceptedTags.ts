/** Which jobs a worker accepts by their tags, as a condition on `job`. */
import type { Acceptance } from "../../../domain/Matching.ts"
import { texts } from "../parameters.ts"

/** The condition, if anything is asked of the tags. `all` and `none` are where the parameters are. */
export const acceptedTags = (all: string, none: string) =>
  `and job.tags @> ${all}::text[] and not job.tags && ${none}::text[]`

/** The tags that a job must have, and those that it must not have. */
export const tagParameters = (accepts: ReadonlyArray<Acceptance>) => {
  const tags = (op: Acceptance["op"]) => texts(accepts.flatMap((one) => (one.op === op ? [one.tag] : [])))
  return [tags("exists"), tags("absent")]
}
