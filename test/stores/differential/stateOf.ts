/** All that a store knows of what a sequence made. */
import { Effect } from "effect"
import { BulkActionRepo } from "../../../src/domain/jobs/BulkActionRepo.ts"
import { PolicyRepo } from "../../../src/domain/policies/PolicyRepo.ts"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { RetentionRepo } from "../../../src/domain/jobs/RetentionRepo.ts"
import { ScheduleRepo } from "../../../src/domain/schedules/ScheduleRepo.ts"
import { TokenRepo } from "../../../src/domain/access/TokenRepo.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { groups, workers } from "../randomClaims.ts"
import { plenty } from "../StoreKit.ts"
import { said, saidInAnyOrder, saidOfSchedule } from "./said.ts"
import { ask, type Side, type World } from "./Side.ts"

const everyWorker = { after: null, state: null, limit: plenty } as const

export const stateOf = Effect.fnUntraced(function* (side: Side, world: World) {
  const { counts, repo } = side
  return {
    flows: saidInAnyOrder(yield* counts.flows(plenty)),
    oldestPending: saidInAnyOrder(yield* counts.oldestPending(groups.map(({ type }) => type))),
    jobs: said(yield* repo.find(world.jobs)),
    histories: yield* Effect.forEach(world.jobs, (id) => Effect.map(repo.history(id), said)),
    versions: yield* Effect.forEach(world.jobs, repo.version),
    logs: yield* Effect.forEach(world.jobs, (id) => Effect.map(repo.readLog(id, 0, null), said)),
    progress: yield* Effect.forEach(world.claimed, ({ attempt }) =>
      repo.progressSince(attempt.id, 0, plenty)
    ),
    attempts: yield* Effect.forEach(world.claimed, ({ attempt, job }) =>
      Effect.map(repo.findAttempt(job.id, attempt.id), said)
    ),
    cancellations: yield* Effect.forEach(world.claimed, ({ attempt, job }) =>
      Effect.map(repo.findCancellation(job.id, attempt.id), said)
    ),
    held: yield* Effect.forEach(workers, (worker) => Effect.map(repo.heldBy(worker, plenty), saidInAnyOrder)),
    groups: saidInAnyOrder(yield* repo.groups([...side.groups.values()].map(({ id }) => id))),
    pendingGroups: saidInAnyOrder(yield* repo.pendingGroups),
    all: said(yield* repo.list({ limit: plenty })),
    oldestFinished: yield* ask(RetentionRepo, ({ oldest }) => oldest, saidInAnyOrder)(side),
    foundProjects: yield* Effect.forEach(world.projects, (id) =>
      ask(ProjectRepo, (projects) => projects.find(id), said)(side)
    ),
    projects: yield* Effect.forEach(world.projects, (id) =>
      ask(ProjectRepo, (projects) => projects.count(id), said)(side)
    ),
    actions: yield* Effect.forEach(world.actions, (id) =>
      ask(
        BulkActionRepo,
        (actions) => actions.find(id),
        // A page may end anywhere between two jobs that are meant.
        (action) => action && said({ ...action, cursor: null })
      )(side)
    ),
    schedules: yield* ask(
      ScheduleRepo,
      (schedules) => schedules.list(null, plenty),
      ({ items }) => items.map(saidOfSchedule)
    )(side),
    policies: yield* ask(PolicyRepo, ({ all }) => all, saidInAnyOrder)(side),
    tokens: yield* ask(TokenRepo, ({ all }) => all, said)(side),
    workers: yield* ask(WorkerRepo, (repo) => repo.list(everyWorker), said)(side),
    foundWorkers: yield* ask(WorkerRepo, (repo) => repo.find(workers), said)(side),
    present: yield* ask(WorkerRepo, (repo) => repo.present(plenty), said)(side),
    restricted: yield* ask(WorkerRepo, ({ restricted }) => restricted, saidInAnyOrder)(side)
  }
})
