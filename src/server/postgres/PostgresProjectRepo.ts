/** Projects in PostgreSQL. */
import { Effect, Layer } from "effect"
import { ProjectRepo } from "../../domain/projects/ProjectRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import { cancelProject, closeProject } from "./queries/closeProject.ts"
import { deleteFinishedProjects, finishableProjects, finishProjects } from "./queries/finishProjects.ts"
import { countProject, findProject, listProjects } from "./queries/projects.ts"

export const layer = Layer.effect(
  ProjectRepo,
  Effect.map(TheDatabase, (database) =>
    ProjectRepo.of({
      find: (id) => orUnavailable(findProject(database, id)),
      list: ({ before, limit }) => orUnavailable(listProjects(database, before, limit)),
      count: (id) => orUnavailable(countProject(database, id)),
      close: (id) => orUnavailable(closeProject(database, id)),
      cancel: (id, action) => orUnavailable(cancelProject(database, id, action)),
      finish: (ids) => orUnavailable(finishProjects(database, ids)),
      finishable: (limit) => orUnavailable(finishableProjects(database, limit)),
      deleteFinished: (limit) => orUnavailable(deleteFinishedProjects(database, limit))
    })
  )
)
