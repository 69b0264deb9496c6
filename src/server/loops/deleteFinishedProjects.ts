/** Deletes finished projects of which no job is kept any more. */
import { Duration, Effect } from "effect"
import { ProjectRepo } from "../../domain/projects/ProjectRepo.ts"
import * as Duty from "./duty.ts"

const largestBatch = 500
/** Nobody waits for a project to be gone. */
const backstop = Duration.minutes(1)

export const deleteFinishedProjects = Effect.gen(function* () {
  const repo = yield* ProjectRepo
  return yield* Duty.run({
    name: "delete finished projects",
    backstop,
    step: Effect.map(repo.deleteFinished(largestBatch), ({ done, next }) => ({ count: done.length, next })),
    dueAfter: () => null
  })
})
