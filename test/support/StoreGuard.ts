/** A store every call of which goes by a guard, which may let it wait, fail or see another time. */
import { Context, Effect } from "effect"
import { BulkActionRepo } from "../../src/domain/jobs/BulkActionRepo.ts"
import { CountsRepo } from "../../src/domain/stats/CountsRepo.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import { PolicyRepo } from "../../src/domain/policies/PolicyRepo.ts"
import { ProjectRepo } from "../../src/domain/projects/ProjectRepo.ts"
import { RetentionRepo } from "../../src/domain/jobs/RetentionRepo.ts"
import { ScheduleRepo } from "../../src/domain/schedules/ScheduleRepo.ts"
import type { Store } from "../../src/domain/Store.ts"
import { TokenRepo } from "../../src/domain/access/TokenRepo.ts"
import { WorkerRepo } from "../../src/domain/workers/WorkerRepo.ts"

/** Does what was asked of the store, or not. */
export type Guard = <A>(call: Effect.Effect<A>) => Effect.Effect<A>

const isCall = (value: unknown): value is Effect.Effect<unknown> => Effect.isEffect(value)

const guarded = <Part extends object>(part: Part, guard: Guard): Part => {
  const members = new Map<string | symbol, unknown>()
  const callOf = (call: unknown) => (isCall(call) ? guard(call) : call)
  const memberOf = (target: Part, key: string | symbol): unknown => {
    const member: unknown = Reflect.get(target, key)
    return typeof member === "function"
      ? (...given: ReadonlyArray<unknown>) => callOf(Reflect.apply(member, target, given))
      : callOf(member)
  }
  return new Proxy(part, {
    get: (target, key) => {
      const known = members.get(key)
      if (known !== undefined) return known
      const made = memberOf(target, key)
      members.set(key, made)
      return made
    }
  })
}

/** The store, every call of which goes by the guard. */
export const guardStore = (store: Context.Context<Store>, guard: Guard): Context.Context<Store> => {
  const part = <Self extends Store, Part extends object>(key: Context.Key<Self, Part>) =>
    Context.make(key, guarded(Context.get(store, key), guard))
  return part(BulkActionRepo).pipe(
    Context.merge(part(CountsRepo)),
    Context.merge(part(JobRepo)),
    Context.merge(part(PolicyRepo)),
    Context.merge(part(ProjectRepo)),
    Context.merge(part(RetentionRepo)),
    Context.merge(part(ScheduleRepo)),
    Context.merge(part(TokenRepo)),
    Context.merge(part(WorkerRepo))
  )
}

/** What a store says that cannot be reached. */
export const unavailable = (why: string) => Effect.die(new StoreUnavailable({ cause: why }))
