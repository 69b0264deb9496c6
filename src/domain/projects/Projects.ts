/** Sets of jobs: created, closed, followed, cancelled, and finished with their last job. */
import { Clock, Context, Duration, Effect, Layer, Option, type Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { BulkActions } from "../jobs/BulkActions.ts"
import { logWish } from "../events/DecisionLog.ts"
import { type Caller, mayDecideOn, nameOf, ownerOf } from "../access/Caller.ts"
import {
  type IdempotencyConflict,
  NotYours,
  ProjectDeleted,
  ProjectFinished,
  ProjectNotFound
} from "../Errors.ts"
import { EventFeed } from "../events/EventFeed.ts"
import { EventHub } from "../events/EventHub.ts"
import { ProjectId } from "../Identifiers.ts"
import { isFinished, type JobRecord, type NewJob } from "../jobs/Job.ts"
import type { JsonValue } from "../Json.ts"
import type { Page } from "../Page.ts"
import type { CountedProject, ProjectRecord } from "./Project.ts"
import * as ProjectFollowing from "./ProjectFollowing.ts"
import { ProjectRepo } from "./ProjectRepo.ts"
import { type Idempotency, Submitting } from "../jobs/Submitting.ts"

/** At most this many projects are finished in one step. */
const largestBatch = 100
/** At most this many projects of ended jobs are remembered until the next step. The others are found at the backstop. */
const mostCandidates = 10_000
/** How often the store is searched for projects to finish, for a server may have died before it finished one. */
export const backstopOfFinishing = Duration.seconds(15)

/** What is asked for. */
export interface NewProject {
  readonly name: string
  readonly metadata?: JsonValue | undefined
  /** Whether it takes no more jobs than those it is created with. */
  readonly closed?: boolean | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/** A project, the jobs that it was created with as far as they are kept, and whether an earlier request did it. */
export interface CreatedProject {
  readonly counted: CountedProject
  readonly jobs: ReadonlyArray<JobRecord>
  readonly isRepeated: boolean
}

export class Projects extends Context.Service<
  Projects,
  {
    readonly create: (
      wish: NewProject,
      caller: Caller,
      idempotency: Option.Option<Idempotency>
    ) => Effect.Effect<CreatedProject, IdempotencyConflict | ProjectDeleted>
    readonly find: (id: ProjectId) => Effect.Effect<CountedProject, ProjectNotFound>
    readonly list: ProjectRepo["Service"]["list"]
    /** Lets no more jobs in. A project without unfinished jobs is finished at once. */
    readonly close: (
      id: ProjectId,
      caller: Caller
    ) => Effect.Effect<CountedProject, ProjectNotFound | NotYours>
    /** Closes a project and cancels its unfinished jobs in the background. */
    readonly cancel: (
      id: ProjectId,
      caller: Caller,
      reason: string | null
    ) => Effect.Effect<CountedProject, ProjectNotFound | NotYours | ProjectFinished>
    /** Follows a project: see `ProjectFollowing`. None if the follower has been told all there will be. */
    readonly follow: (
      id: ProjectId,
      position: Option.Option<string>
    ) => Effect.Effect<
      Option.Option<Stream.Stream<ReadonlyArray<ProjectFollowing.ProjectEvent>>>,
      ProjectNotFound
    >
    /** Finishes the projects whose last jobs have ended here, and now and then any. For the one duty that does it. */
    readonly finishDue: Effect.Effect<{ readonly count: number; readonly next: Duration.Duration | null }>
  }
>()("lazyboss/domain/projects/Projects") {
  static readonly layer = Layer.effect(
    Projects,
    Effect.gen(function* () {
      const repo = yield* ProjectRepo
      const hub = yield* EventHub
      const feed = yield* EventFeed
      const bulkActions = yield* BulkActions
      const random = yield* SecureRandom.SecureRandom
      const { submit } = yield* Submitting
      const { follow } = yield* ProjectFollowing.make
      const candidates = new Set<ProjectId>()
      let soughtAt = Number.NEGATIVE_INFINITY

      yield* hub.listen((jobs) => {
        for (const { project, status } of jobs) {
          if (project !== null && isFinished(status) && candidates.size < mostCandidates)
            candidates.add(project)
        }
      })

      // What the store has done is told, also if the caller hangs up meanwhile.
      const finish = Effect.fnUntraced(function* (ids: ReadonlyArray<ProjectId>) {
        if (ids.length === 0) return []
        const finished = yield* repo.finish(ids)
        for (const { counts, project } of finished) {
          yield* feed.tell({ event: "project.finished", project: project.id, name: project.name, counts })
        }
        if (finished.length > 0) yield* hub.publishProjects(finished.map(({ project }) => project.id))
        return finished
      }, Effect.uninterruptible)

      const notFound = () => new ProjectNotFound({ detail: "no project has this id" })

      const find = Effect.fnUntraced(function* (
        id: ProjectId
      ): Effect.fn.Return<CountedProject, ProjectNotFound> {
        return (yield* repo.count(id)) ?? (yield* notFound())
      })

      const needOwn = Effect.fnUntraced(function* (
        id: ProjectId,
        caller: Caller
      ): Effect.fn.Return<ProjectRecord, ProjectNotFound | NotYours> {
        const project = (yield* repo.find(id)) ?? (yield* notFound())
        if (mayDecideOn(caller, project)) return project
        return yield* new NotYours({
          detail: "only whoever created a project, or a supervisor, decides on it"
        })
      })

      const tellClosed = (id: ProjectId) => Effect.andThen(hub.publishProjects([id]), finish([id]))

      return Projects.of({
        create: Effect.fnUntraced(function* (wish, caller, idempotency) {
          const id = ProjectId.make(yield* random.uuidV7())
          const { closed = false, jobs = [], metadata = {}, name } = wish
          const insert = { id, name, metadata, isClosed: closed, createdBy: ownerOf(caller) }
          // Its jobs are of the project that is created with them, and it outlives them: nothing else can be wrong.
          const submitted = yield* submit(jobs, caller, idempotency, insert).pipe(
            Effect.catchTag(["JobDeleted", "NotYours", "ProjectClosed", "UnknownProject"], Effect.die)
          )
          if (submitted.project === id)
            yield* logWish("project created", { project: id, name, by: nameOf(caller) })
          if (submitted.project === id && closed && jobs.length === 0) yield* finish([id])
          const counted = submitted.project === null ? null : yield* repo.count(submitted.project)
          if (counted !== null) return { counted, jobs: submitted.jobs, isRepeated: submitted.isRepeated }
          return yield* new ProjectDeleted({
            detail: "this Idempotency-Key created a project that has since been deleted"
          })
        }),

        find,

        list: (wish): Effect.Effect<Page<ProjectRecord>> => repo.list(wish),

        close: Effect.fnUntraced(function* (id, caller) {
          const { closedAt, name } = yield* needOwn(id, caller)
          if ((yield* repo.close(id)) !== null) {
            if (closedAt === null) yield* logWish("project closed", { project: id, name, by: nameOf(caller) })
            yield* tellClosed(id)
          }
          return yield* find(id)
        }, Effect.uninterruptible),

        cancel: Effect.fnUntraced(function* (id, caller, reason) {
          const by = nameOf(caller)
          const { name } = yield* needOwn(id, caller)
          const cancelled = yield* bulkActions.askWith(
            { action: "cancel", filter: { project: id } },
            by,
            reason,
            (action) => repo.cancel(id, action)
          )
          if (cancelled === null) {
            yield* find(id)
            return yield* new ProjectFinished({ detail: "all its jobs are finished", project: id })
          }
          yield* logWish("project to be cancelled", { project: id, name, by, reason })
          yield* tellClosed(id)
          return yield* find(id)
        }, Effect.uninterruptible),

        follow: Effect.fnUntraced(function* (id, position) {
          const counted = yield* find(id)
          const isOver = Option.exists(position, (told) => ProjectFollowing.hasSeenTheEnd(counted, told))
          return isOver ? Option.none() : Option.some(follow(id))
        }),

        finishDue: Effect.gen(function* () {
          const ids = [...candidates].slice(0, largestBatch)
          // Before they are looked at, so that what ends meanwhile counts for the next step.
          for (const id of ids) candidates.delete(id)
          const putBack = Effect.sync(() => ids.forEach((id) => candidates.add(id)))
          let count = (yield* Effect.onError(finish(ids), () => putBack)).length
          const now = yield* Clock.currentTimeMillis
          let isMore = candidates.size > 0
          if (now - soughtAt >= Duration.toMillis(backstopOfFinishing) || now < soughtAt) {
            const finishable = yield* repo.finishable(largestBatch)
            count += (yield* finish(finishable)).length
            if (finishable.length < largestBatch) soughtAt = now
            else isMore = true
          }
          return { count, next: isMore ? Duration.zero : null }
        })
      })
    })
  )
}
