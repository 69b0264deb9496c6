/** The workers of this lazyboss: takes note of who is there and what came of their work, and lets the supervisor rule. */
import { Context, DateTime, Duration, Effect, Latch, Layer, type Scope } from "effect"
import * as Bans from "./Bans.ts"
import { EventFeed } from "./EventFeed.ts"
import { EventHub } from "./EventHub.ts"
import type { ChangedJob } from "./Job.ts"
import type { Page } from "./JobRepo.ts"
import { keepIn } from "./keepIn.ts"
import type { Suitability } from "./Matching.ts"
import { persevere } from "./Perseverance.ts"
import { Restrictions } from "./Restrictions.ts"
import { recentRuns, type Worker, type WorkerState } from "./Worker.ts"
import { type WorkDone, WorkerRepo } from "./WorkerRepo.ts"

/** What is noted is written down after this time: one write for all workers of this server. */
const gathering = Duration.seconds(2)
/** A worker that keeps a connection open is noted so often. */
const presencePeriod = Duration.seconds(20)
/** So many workers are written in one step; and of so many is a note kept until then. */
const largestBatch = 1_000
const mostNoted = 10_000

interface Connection {
  readonly worker: string
  readonly suitability: Suitability
}

/** Adds the end of an attempt to what a worker has done. */
const credited = (before: WorkDone, job: ChangedJob): WorkDone => {
  const { attempt } = job
  if (attempt === null) return before
  const run = attempt.endedAt === null ? null : DateTime.distance(attempt.startedAt, attempt.endedAt)
  switch (attempt.outcome) {
    case "done":
      return {
        ...before,
        done: before.done + 1,
        runs: run === null ? before.runs : [run, ...before.runs].slice(0, recentRuns)
      }
    case "failed":
    case "timed-out":
      return { ...before, failed: before.failed + 1 }
    case "lost":
      return { ...before, lost: before.lost + 1 }
    default:
      return before
  }
}

export class Workers extends Context.Service<
  Workers,
  {
    /** Takes note that a worker was heard of, and of what it asked for if it did. */
    readonly saw: (worker: string, suitability?: Suitability) => void
    /** Takes note of a worker that keeps a connection open, until the scope closes. */
    readonly keepInSight: (
      worker: string,
      suitability: Suitability
    ) => Effect.Effect<void, never, Scope.Scope>
    /** What is known of a worker; null for one that nobody has heard of. */
    readonly find: (name: string) => Effect.Effect<Worker | null>
    /** Workers in the order of their names. */
    readonly list: (filter: {
      readonly after: string | null
      readonly state: WorkerState | null
      readonly limit: number
    }) => Effect.Effect<Page<Worker>>
    /** Puts a worker into a state. What a banned worker holds is taken from it, charged to nobody. */
    readonly change: (change: {
      readonly worker: string
      readonly state: WorkerState
      readonly reason: string | null
      readonly by: string | null
    }) => Effect.Effect<Worker>
  }
>()("lazyboss/domain/Workers") {
  static readonly layer = Layer.effect(
    Workers,
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const hub = yield* EventHub
      const restrictions = yield* Restrictions
      const { fence } = yield* Bans.make
      const feed = yield* EventFeed

      const noted = new Map<string, Suitability | null>()
      const connections = new Set<Connection>()
      const done = new Map<string, WorkDone>()
      const isThereNews = yield* Latch.make(false)

      const note = (worker: string, suitability: Suitability | null) => {
        if (noted.size >= mostNoted && !noted.has(worker)) return
        noted.set(worker, suitability ?? noted.get(worker) ?? null)
        isThereNews.openUnsafe()
      }

      yield* hub.listen((changed, happening) => {
        if (happening !== "ended") return
        for (const job of changed) {
          if (job.attempt === null) continue
          const { worker } = job.attempt
          const { type } = job.group
          const key = `${worker} ${type}`
          const before = done.get(key) ?? { worker, type, done: 0, failed: 0, lost: 0, runs: [] }
          if (done.has(key) || done.size < mostNoted) done.set(key, credited(before, job))
        }
        isThereNews.openUnsafe()
      })

      // Sightings that could not be written are noted still. Work that could not is lost to the record.
      const writeDown = Effect.gen(function* () {
        isThereNews.closeUnsafe()
        const sightings = [...noted].slice(0, largestBatch)
        if (noted.size > largestBatch || done.size > largestBatch) isThereNews.openUnsafe()
        if (sightings.length > 0) {
          const appeared = yield* repo.see(
            sightings.map(([worker, suitability]) => ({ worker, suitability }))
          )
          yield* Effect.forEach(appeared, (worker) => feed.tell({ event: "worker.seen", worker }), {
            discard: true
          })
          for (const [worker, suitability] of sightings) {
            if (noted.get(worker) === suitability) noted.delete(worker)
          }
        }
        // Nothing comes between taking the work and forgetting it: it is credited once.
        const work = [...done].slice(0, largestBatch)
        if (work.length > 0) {
          for (const [key] of work) done.delete(key)
          yield* repo.credit(work.map(([, one]) => one))
        }
      })

      // What is noted while it is written need not be waited for.
      const writeAll = Effect.suspend(() =>
        Effect.repeat(writeDown, {
          times: Math.floor(Math.max(noted.size - 1, done.size - 1, 0) / largestBatch)
        })
      )

      yield* isThereNews.await.pipe(
        Effect.andThen(Effect.sleep(gathering)),
        Effect.andThen(persevere("write down which workers are there", writeDown)),
        Effect.forever,
        Effect.forkScoped
      )
      yield* Effect.sleep(presencePeriod).pipe(
        Effect.andThen(
          Effect.sync(() => connections.forEach(({ suitability, worker }) => note(worker, suitability)))
        ),
        Effect.forever,
        Effect.forkScoped
      )
      yield* Effect.addFinalizer(() => Effect.catchCause(writeAll, () => Effect.void))

      const find = (name: string) => Effect.map(repo.find([name]), ([worker]) => worker ?? null)

      return Workers.of({
        saw: (worker, suitability) => note(worker, suitability ?? null),
        keepInSight: (worker, suitability) =>
          Effect.suspend(() => {
            note(worker, suitability)
            return keepIn(connections, { worker, suitability })
          }),
        find: (name) => Effect.andThen(writeAll, find(name)),
        list: (filter) => Effect.andThen(writeAll, repo.list(filter)),
        change: Effect.fnUntraced(function* (change) {
          yield* repo.change(change)
          yield* restrictions.refresh
          yield* feed.tell({ event: "worker.state", ...change })
          if (change.state === "banned") yield* fence(change.worker)
          const changed = yield* find(change.worker)
          if (changed === null) throw new Error("a worker was not kept")
          return changed
        })
      })
    })
  )
}
