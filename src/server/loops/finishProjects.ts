/** Finishes projects that are closed, when their last job has ended. */
import { Duration, Effect } from "effect"
import { isFinished } from "../../domain/jobs/Job.ts"
import { backstopOfFinishing, Projects } from "../../domain/projects/Projects.ts"
import * as Duty from "./duty.ts"

/** The ends of jobs within this time are looked at together. */
const gathering = Duration.millis(50)

export const finishProjects = Effect.gen(function* () {
  const projects = yield* Projects
  return yield* Duty.run({
    name: "finish projects",
    backstop: backstopOfFinishing,
    step: projects.finishDue,
    dueAfter: ({ project, status }) => (project !== null && isFinished(status) ? gathering : null)
  })
})
