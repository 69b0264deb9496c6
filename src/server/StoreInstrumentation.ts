/**
 * Instruments the store: measures how long each call takes, makes a span for it if spans are exported, and logs when the store
 * becomes unavailable and when it is back.
 */
import { Cause, Clock, type Context, Effect, Exit, Layer } from "effect"
import { BulkActionRepo } from "../domain/jobs/BulkActionRepo.ts"
import { CountsRepo } from "../domain/stats/CountsRepo.ts"
import { isTraced } from "../domain/isTraced.ts"
import { JobRepo } from "../domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../domain/StoreUnavailable.ts"
import { PolicyRepo } from "../domain/policies/PolicyRepo.ts"
import { ProjectRepo } from "../domain/projects/ProjectRepo.ts"
import { RetentionRepo } from "../domain/jobs/RetentionRepo.ts"
import { ScheduleRepo } from "../domain/schedules/ScheduleRepo.ts"
import type { Store } from "../domain/Store.ts"
import { StoreMeasures } from "../domain/stats/StoreMeasures.ts"
import { TokenRepo } from "../domain/access/TokenRepo.ts"
import { WorkerRepo } from "../domain/workers/WorkerRepo.ts"

/** Instruments one call, by its name and its first argument. */
type Watch = (name: string, items: unknown) => <A, E>(call: Effect.Effect<A, E>) => Effect.Effect<A, E>

/**
 * The store counts as back when a call succeeds and none has failed for this many milliseconds: a database whose disk is full
 * still answers reads.
 */
const calm = 5_000

const nanosPerSecond = 1e9

const reasonOf = ({ cause }: StoreUnavailable): string =>
  cause instanceof Error ? cause.message : String(cause)

const unavailability = (exit: Exit.Exit<unknown, unknown>): StoreUnavailable | undefined => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return error instanceof StoreUnavailable ? error : undefined
}

const makeWatch = Effect.gen(function* () {
  const isWatched = yield* isTraced
  const clock = yield* Clock.Clock
  const measures = yield* StoreMeasures
  let isAway = false
  let lastTrouble = 0

  const note = (exit: Exit.Exit<unknown, unknown>) =>
    Effect.suspend(() => {
      const trouble = unavailability(exit)
      if (trouble === undefined && !isAway) return Effect.void
      const now = clock.currentTimeMillisUnsafe()
      if (trouble !== undefined) {
        lastTrouble = now
        if (isAway) return Effect.void
        isAway = true
        return Effect.annotateLogs(Effect.logError("store away"), {
          trouble: trouble.message,
          reason: reasonOf(trouble)
        })
      }
      if (Exit.isSuccess(exit) && Math.abs(now - lastTrouble) >= calm) {
        isAway = false
        return Effect.logInfo("store back")
      }
      return Effect.void
    })

  const watch: Watch = (name, items) => (call) => {
    const watched = Effect.suspend(() => {
      const start = clock.monotonicTimeNanosUnsafe()
      if (Array.isArray(items)) measures.given(name, items.length)
      return Effect.onExit(call, (exit) => {
        measures.took(name, Number(clock.monotonicTimeNanosUnsafe() - start) / nanosPerSecond)
        return note(exit)
      })
    })
    if (!isWatched) return watched
    const attributes = Array.isArray(items) ? { "batch.size": items.length } : {}
    return Effect.withSpan(watched, name, { attributes })
  }
  return watch
})

// What a store's methods return needs nothing more to be run.
const isCall = (value: unknown): value is Effect.Effect<unknown, unknown> => Effect.isEffect(value)

/** A part of the store of which every call is watched. */
const watched = <Part extends object>(name: string, part: Part, watch: Watch): Part =>
  new Proxy(part, {
    get: (target, key): unknown => {
      const member: unknown = Reflect.get(target, key)
      const callOf = (call: unknown, items?: unknown) =>
        isCall(call) ? watch(`${name}.${String(key)}`, items)(call) : call
      return typeof member === "function"
        ? (...given: ReadonlyArray<unknown>) => callOf(Reflect.apply(member, target, given), given[0])
        : callOf(member)
    }
  })

/** The store that is given, watched. */
export const layer: Layer.Layer<Store, never, Store | StoreMeasures> = Layer.unwrap(
  Effect.map(makeWatch, (watch) => {
    const part = <Self, Part extends object>(name: string, key: Context.Key<Self, Part>) =>
      Layer.effect(
        key,
        Effect.map(key, (part) => watched(name, part, watch))
      )
    return Layer.mergeAll(
      part("BulkActionRepo", BulkActionRepo),
      part("CountsRepo", CountsRepo),
      part("JobRepo", JobRepo),
      part("PolicyRepo", PolicyRepo),
      part("ProjectRepo", ProjectRepo),
      part("RetentionRepo", RetentionRepo),
      part("ScheduleRepo", ScheduleRepo),
      part("TokenRepo", TokenRepo),
      part("WorkerRepo", WorkerRepo)
    )
  })
)
