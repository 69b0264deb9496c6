/** The job that a request is about. */
import { Effect } from "effect"
import { JobNotFound, noSuchJob } from "../Errors.ts"
import type { JobId } from "../Identifiers.ts"
import type { JobRecord } from "./Job.ts"
import type { JobRepo } from "./JobRepo.ts"

export const needJob = Effect.fnUntraced(function* (
  repo: Pick<JobRepo["Service"], "find">,
  id: JobId
): Effect.fn.Return<JobRecord, JobNotFound> {
  const [job] = yield* repo.find([id])
  return job ?? (yield* new JobNotFound({ detail: noSuchJob }))
})
