/** The workers of this lazyboss: takes note of who is there and what came of their work, and lets the supervisor rule. */
import { Context, Duration, Effect, Layer, type Scope } from "effect"
import * as Bans from "./Bans.ts"
import { EventFeed } from "../events/EventFeed.ts"
import type { Page } from "../Page.ts"
import { addScoped } from "../addScoped.ts"
import type { Suitability } from "../matching/Matching.ts"
import { Restrictions } from "./Restrictions.ts"
import type { Worker, WorkerState } from "./Worker.ts"
import * as WorkerActivity from "./WorkerActivity.ts"
import { type StateChange, WorkerRepo } from "./WorkerRepo.ts"

/** How often a worker that keeps a connection open counts as heard of. */
const presencePeriod = Duration.seconds(20)

interface Connection {
  readonly worker: string
  readonly suitability: Suitability
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
    /** The first workers that are present, in the order of their names. */
    readonly present: (limit: number) => Effect.Effect<Page<Worker>>
    /** Puts a worker into a state. What a banned worker holds is taken from it, charged to nobody. */
    readonly change: (change: StateChange) => Effect.Effect<Worker>
  }
>()("lazyboss/domain/workers/Workers") {
  static readonly layer = Layer.effect(
    Workers,
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const restrictions = yield* Restrictions
      const { fence } = yield* Bans.make
      const feed = yield* EventFeed

      const activity = yield* WorkerActivity.make
      const connections = new Set<Connection>()

      yield* Effect.sleep(presencePeriod).pipe(
        Effect.andThen(
          Effect.sync(() =>
            connections.forEach(({ suitability, worker }) => activity.saw(worker, suitability))
          )
        ),
        Effect.forever,
        Effect.forkScoped
      )

      const find = (name: string) => Effect.map(repo.find([name]), ([worker]) => worker ?? null)

      const changeState = Effect.fnUntraced(function* (change: StateChange) {
        yield* repo.change(change)
        yield* restrictions.refresh
        yield* feed.tell({ event: "worker.state", ...change })
      }, Effect.uninterruptible)

      return Workers.of({
        saw: (worker, suitability) => activity.saw(worker, suitability ?? null),
        keepInSight: (worker, suitability) =>
          Effect.suspend(() => {
            activity.saw(worker, suitability)
            return addScoped(connections, { worker, suitability })
          }),
        find: (name) => Effect.andThen(activity.write, find(name)),
        list: (filter) => Effect.andThen(activity.write, repo.list(filter)),
        present: (limit) => Effect.andThen(activity.write, repo.present(limit)),
        change: Effect.fnUntraced(function* (change) {
          yield* changeState(change)
          if (change.state === "banned") yield* fence(change.worker)
          // When it was last seen is part of the answer, and may be buffered only.
          yield* activity.write
          const changed = yield* find(change.worker)
          if (changed === null) throw new Error("a worker was not kept")
          return changed
        })
      })
    })
  )
}
