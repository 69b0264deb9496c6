/** Finishes projects that are closed, when their last job has ended. */
import { Effect } from "effect"
import { projectFinishedAfter } from "../../domain/jobs/dueAfter.ts"
import { backstopOfFinishing, Projects } from "../../domain/projects/Projects.ts"
import * as Duty from "./duty.ts"

export const finishProjects = Effect.gen(function* () {
  const projects = yield* Projects
  return yield* Duty.run({
    name: "finish projects",
    backstop: backstopOfFinishing,
    step: projects.finishDue,
    dueAfter: projectFinishedAfter
  })
})
