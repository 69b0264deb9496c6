/** The domain's services over a store, that in memory for most tests, which a test can watch, hold up or let fail. */
import { DateTime, Duration, Effect, Exit, Fiber, Layer, Option, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Boss } from "../../../src/domain/Boss.ts"
import { anyone, type Caller } from "../../../src/domain/access/Caller.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import { anything, type News, noNews, Peers } from "../../../src/domain/events/Peers.ts"
import type { NewJob } from "../../../src/domain/jobs/Job.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../../../src/domain/StoreUnavailable.ts"
import { ProjectRepo } from "../../../src/domain/projects/ProjectRepo.ts"
import { defaultPolicy, type Policy } from "../../../src/domain/policies/Policy.ts"
import type { Store } from "../../../src/domain/Store.ts"
import { BuiltInPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import { DomainLive } from "../../../src/server/Application.ts"
import * as MemoryStore from "../../../src/server/memory/MemoryStore.ts"
import { first } from "../../stores/StoreKit.ts"

export type Repo = typeof JobRepo.Service

/** Puts something else in the place of methods of the store. */
export type Change = (repo: Repo) => Partial<Repo>

/** The same for what the store knows of projects and of workers. */
export type ChangeProjects = (repo: typeof ProjectRepo.Service) => Partial<typeof ProjectRepo.Service>
export type ChangeWorkers = (repo: typeof WorkerRepo.Service) => Partial<typeof WorkerRepo.Service>

interface Changes {
  readonly change?: Change
  readonly changeProjects?: ChangeProjects
  readonly changeWorkers?: ChangeWorkers
  /** The store in memory if it is not said. */
  readonly store?: Layer.Layer<Store>
}

/** The policy of these tests: nothing in it is left to chance. */
export const policy: Policy = { ...defaultPolicy, backoff: { ...defaultPolicy.backoff, jitter: 0 } }

const unchanged = () => ({})

const changed = ({
  change = unchanged,
  changeProjects = unchanged,
  changeWorkers = unchanged,
  store = MemoryStore.layer
}: Changes) =>
  Layer.mergeAll(
    Layer.effect(
      JobRepo,
      Effect.map(JobRepo, (repo) => JobRepo.of({ ...repo, ...change(repo) }))
    ),
    Layer.effect(
      ProjectRepo,
      Effect.map(ProjectRepo, (repo) => ProjectRepo.of({ ...repo, ...changeProjects(repo) }))
    ),
    Layer.effect(
      WorkerRepo,
      Effect.map(WorkerRepo, (repo) => WorkerRepo.of({ ...repo, ...changeWorkers(repo) }))
    )
  ).pipe(Layer.provideMerge(store))

/** A server without HTTP and without duties, for one test. */
export const world = (
  options: Changes & {
    readonly peers?: Layer.Layer<Peers>
    readonly policy?: Policy
  } = {}
) =>
  DomainLive.pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        changed(options),
        options.peers ?? Peers.none,
        Layer.succeed(BuiltInPolicy, options.policy ?? policy)
      )
    )
  )

/** A store whose clock is an hour ahead of the server's, as far as cancellations show it. */
export const clockAhead: Change = (repo) => ({
  findAttempt: (job, id) =>
    Effect.map(repo.findAttempt(job, id), (attempt) =>
      attempt?.cancelAt == null
        ? attempt
        : { ...attempt, cancelAt: DateTime.add(attempt.cancelAt, { hours: 1 }) }
    )
})

/** A way for a test to let the store be away for a while. */
export const makeOutage = () => {
  let isAway = false
  return {
    begin: Effect.sync(() => {
      isAway = true
    }),
    end: Effect.sync(() => {
      isAway = false
    }),
    /** What the store does when it is not away. */
    guard: <A>(effect: Effect.Effect<A>): Effect.Effect<A> =>
      Effect.suspend(() => (isAway ? Effect.die(new StoreUnavailable({ cause: "a test" })) : effect))
  }
}

/** Another server, as a test plays it: what it says, and what it was told. */
export const makePeer = () => {
  const told: Array<News> = []
  const listeners = new Set<(news: News | typeof anything) => void>()
  return {
    told,
    say: (news: Partial<News> | typeof anything) =>
      Effect.sync(() => {
        const whole = news === anything ? news : { ...noNews, ...news }
        for (const listener of listeners) listener(whole)
      }),
    layer: Layer.succeed(Peers, {
      tell: (news) => Effect.sync(() => told.push(news)),
      news: Stream.callback<News | typeof anything>((queue) =>
        Effect.sync(() => {
          listeners.add((news) => Queue.offerUnsafe(queue, news))
        })
      )
    })
  }
}

/** A caller of an open server who does not say who it is. */
export const anybody: Caller = anyone(Option.none())

/** Lets everybody come to rest who has something to do now. */
export const settle: Effect.Effect<void> = Effect.asVoid(Effect.repeat(Effect.yieldNow, { times: 200 }))

/** Lets time go by, and all that happens in it. */
export const pass = (time: Duration.Input): Effect.Effect<void> =>
  settle.pipe(Effect.andThen(TestClock.adjust(time)), Effect.andThen(settle))

export const vacancy = (wishes: Partial<Vacancy & Vacancy["suitability"]> = {}): Vacancy => ({
  worker: wishes.worker ?? "worker",
  suitability: {
    types: wishes.types ?? [],
    skills: wishes.skills ?? {},
    accepts: wishes.accepts ?? []
  },
  max: wishes.max ?? 1,
  lease: wishes.lease ?? null
})

/** Creates jobs, as a client does. */
export const submit = Effect.fnUntraced(function* (...jobs: ReadonlyArray<NewJob>) {
  const boss = yield* Boss
  return (yield* Effect.orDie(boss.submit(jobs, anybody, Option.none()))).jobs
})

/** This many jobs of the same type. */
export const many = (count: number, job: NewJob): ReadonlyArray<NewJob> =>
  Array.from({ length: count }, () => job)

/** Begins a claim. */
export const ask = Effect.fnUntraced(function* (
  wishes: Parameters<typeof vacancy>[0] = {},
  wait: Duration.Input = "20 seconds"
) {
  const boss = yield* Boss
  return yield* Effect.forkChild(boss.claim(vacancy(wishes), Duration.fromInputUnsafe(wait)))
})

/** The claims of somebody who waits no longer than now. */
export const claimNow = (wishes: Parameters<typeof vacancy>[0] = {}) =>
  Effect.flatMap(Boss, (boss) => boss.claim(vacancy(wishes), Duration.zero))

/** A job that was created and given to a worker. */
export const start = Effect.fnUntraced(function* (job: NewJob) {
  yield* submit(job)
  return first(yield* claimNow({ types: [job.type] }))
})

export const holdingOf = ({ attempt, job }: ClaimedJob) => ({
  job: job.id,
  attempt: attempt.id,
  worker: attempt.worker
})

/** Ends an attempt with a result. */
export const finish = (claimed: ClaimedJob) =>
  Effect.flatMap(Boss, (boss) => boss.finish(holdingOf(claimed), { _tag: "Done", result: null }))

/** How it ended; undefined if it has not. */
export const exitOf = <A, E>(fiber: Fiber.Fiber<A, E>): Exit.Exit<A, E> | undefined => fiber.pollUnsafe()

/** The number of jobs that a claim was answered with; a word if it was not. */
export const jobsOf = (fiber: Fiber.Fiber<ReadonlyArray<ClaimedJob>>): number | "waiting" | "failed" => {
  const exit = exitOf(fiber)
  return exit === undefined ? "waiting" : Exit.isSuccess(exit) ? exit.value.length : "failed"
}

/** The jobs of the store, by status. */
export const census = Effect.gen(function* () {
  const repo = yield* JobRepo
  const { items } = yield* repo.list({ limit: 100_000 })
  const counts: Record<string, number> = {}
  for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1
  return counts
})
