/** What single workers are kept from, whatever they can do: by the supervisor, or by a quarantine. */
import { Context, Effect, Layer, type Scope } from "effect"
import { tokenNameOf } from "../access/Caller.ts"
import { Deadlines } from "../Deadlines.ts"
import { EventHub } from "../events/EventHub.ts"
import { addScoped } from "../addScoped.ts"
import * as Mirror from "../Mirror.ts"
import { type Restricted, WorkerRepo } from "./WorkerRepo.ts"

export interface Restriction {
  /** Gets no jobs at all: it is paused or banned. */
  readonly isIdle: boolean
  /** Gets no jobs of these types: it is in quarantine for them. */
  readonly types: ReadonlySet<string>
}

/** Whether who is kept from this may have a job of the type. */
export const mayHave = (restriction: Restriction | null, type: string): boolean =>
  restriction === null || (!restriction.isIdle && !restriction.types.has(type))

const isSame = (one: Restriction, other: Restriction | undefined): boolean =>
  one.isIdle === other?.isIdle &&
  one.types.size === other.types.size &&
  [...one.types].every((type) => other.types.has(type))

const areSame = (some: ReadonlyMap<string, Restriction>, others: ReadonlyMap<string, Restriction>): boolean =>
  some.size === others.size && [...some].every(([worker, one]) => isSame(one, others.get(worker)))

export class Restrictions extends Context.Service<
  Restrictions,
  {
    /** What this worker is kept from; null for most workers, which are kept from nothing. */
    readonly of: (worker: string) => Restriction | null
    /** The workers that are banned. */
    readonly banned: () => ReadonlyArray<string>
    /** Hears of every change, until the scope closes. The listener must be quick. */
    readonly listen: (listener: () => void) => Effect.Effect<void, never, Scope.Scope>
    /** Looks again, and lets the other servers look. For whoever has changed something. */
    readonly refresh: Effect.Effect<void>
  }
>()("lazyboss/domain/workers/Restrictions") {
  /** Nobody is kept from anything. */
  static readonly none = Layer.succeed(Restrictions, {
    of: () => null,
    banned: () => [],
    listen: () => Effect.void,
    refresh: Effect.void
  })

  static readonly layer = Layer.effect(
    Restrictions,
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const hub = yield* EventHub
      const deadlines = yield* Deadlines
      const listeners = new Set<() => void>()
      let restrictions: ReadonlyMap<string, Restriction> = new Map()
      let forgetDeadlines: ReadonlyArray<() => void> = []

      const tellAll = () => {
        for (const listener of listeners) listener()
      }

      // A quarantine ends by itself, by the time that the store said was left of it.
      const see = (all: ReadonlyArray<Restricted>) => {
        for (const forget of forgetDeadlines) forget()
        const typesOf = new Map(
          all.map(({ quarantines, worker }) => [worker, new Set(quarantines.map(({ type }) => type))])
        )
        const before = restrictions
        restrictions = new Map(
          all.map(({ state, worker }) => [
            worker,
            { isIdle: state !== "active", types: typesOf.get(worker) ?? new Set() }
          ])
        )
        forgetDeadlines = all.flatMap(({ quarantines, worker }) =>
          quarantines.map(({ left, type }) =>
            deadlines.set(left, () => {
              typesOf.get(worker)?.delete(type)
              tellAll()
            })
          )
        )
        if (!areSame(before, restrictions)) tellAll()
      }

      const mirror = yield* Mirror.make("states of workers", repo.restricted, see)

      return Restrictions.of({
        // Who is paused or banned is so under the name of any instance.
        of: (worker) => {
          const own = restrictions.get(worker)
          const name = tokenNameOf(worker)
          const ofToken = name === worker ? undefined : restrictions.get(name)
          if (ofToken?.isIdle !== true) return own ?? null
          return { isIdle: true, types: own?.types ?? new Set() }
        },
        banned: () => mirror.current().flatMap(({ state, worker }) => (state === "banned" ? [worker] : [])),
        listen: (listener) => addScoped(listeners, listener),
        refresh: Effect.andThen(hub.publishSupervision("states of workers"), mirror.refresh)
      })
    })
  )
}
