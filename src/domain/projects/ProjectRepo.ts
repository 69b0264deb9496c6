/**
 * Where projects are kept, as an interface; `JobRepo.insert` stores them, with their first jobs. It fails as `JobRepo` does:
 * with defects that no caller could mend.
 */
import { Context, Duration, type Effect } from "effect"
import type { BulkActionInsert } from "../jobs/BulkActionRepo.ts"
import type { ProjectId } from "../Identifiers.ts"
import type { Due } from "../Due.ts"
import type { Page } from "../Page.ts"
import type { CountedProject, ProjectRecord } from "./Project.ts"

/** A finished project is kept at least this long, and as long as one of its jobs is. */
export const projectLifetime = Duration.days(7)
/** How long it takes until a finished project that still has jobs is looked at again. */
export const projectRecheck = Duration.days(1)

export class ProjectRepo extends Context.Service<
  ProjectRepo,
  {
    readonly find: (id: ProjectId) => Effect.Effect<ProjectRecord | null>
    /** Newest first, those older than `before`. */
    readonly list: (wish: {
      readonly before: ProjectId | undefined
      readonly limit: number
    }) => Effect.Effect<Page<ProjectRecord>>
    /** The project and its jobs, counted, which takes longer the more of them run at the moment. */
    readonly count: (id: ProjectId) => Effect.Effect<CountedProject | null>
    /** Closes a project, so that no job gets into it any more; one that was closed is left alone. Null if it is unknown. */
    readonly close: (id: ProjectId) => Effect.Effect<ProjectRecord | null>
    /**
     * Closes a project, keeps the wish to cancel it unless there was one, and adds the action that cancels its jobs if some
     * are unfinished: all of this or nothing. Null if the project is unknown or finished.
     */
    readonly cancel: (id: ProjectId, action: BulkActionInsert) => Effect.Effect<ProjectRecord | null>
    /**
     * Finishes those of the projects that are closed and have no unfinished jobs. Each is finished by one call alone, on
     * whichever server, until a retry by hand of one of its jobs undoes it.
     */
    readonly finish: (ids: ReadonlyArray<ProjectId>) => Effect.Effect<ReadonlyArray<CountedProject>>
    /** Projects that could be finished and are not, at most `limit`. */
    readonly finishable: (limit: number) => Effect.Effect<ReadonlyArray<ProjectId>>
    /** Deletes finished projects that have been kept for long enough, looking at no more than `limit`. */
    readonly deleteFinished: (limit: number) => Effect.Effect<Due<ProjectId>>
  }
>()("lazyboss/domain/projects/ProjectRepo") {}
