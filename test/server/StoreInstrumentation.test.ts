import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Logger, Option, References, Tracer } from "effect"
import { TestClock } from "effect/testing"
import * as Histogram from "../../src/domain/stats/Histogram.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import { StoreMeasures } from "../../src/domain/stats/StoreMeasures.ts"
import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"
import * as StoreInstrumentation from "../../src/server/StoreInstrumentation.ts"
import { newJobId } from "../stores/StoreKit.ts"

/** The store in memory, which can be away, and what is logged of it. */
const makeStore = () => {
  let trouble: StoreUnavailable | Error | undefined
  const lines: Array<string> = []
  const capture = Logger.make(({ fiber, logLevel, message }) => {
    const { reason, trouble } = fiber.getRef(References.CurrentLogAnnotations)
    lines.push([logLevel, message, trouble, reason].filter((part) => part !== undefined).join(", "))
  })
  const guard = <A>(effect: Effect.Effect<A>) =>
    Effect.suspend(() => (trouble === undefined ? effect : Effect.die(trouble)))
  const guarded = Layer.effect(
    JobRepo,
    Effect.map(JobRepo, (repo) =>
      JobRepo.of({ ...repo, find: (ids) => guard(repo.find(ids)), ping: guard(repo.ping) })
    )
  )
  return {
    lines,
    set: (what: typeof trouble) => {
      trouble = what
    },
    layer: StoreInstrumentation.layer.pipe(
      Layer.provide(Layer.provideMerge(guarded, MemoryStore.layer)),
      Layer.provideMerge(StoreMeasures.layer),
      Layer.provideMerge(Logger.layer([capture]))
    )
  }
}

describe("the calls of the store", () => {
  it.effect("say once that it is away, and once that it is back", () => {
    const store = makeStore()
    return Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.ping
      assert.deepStrictEqual(store.lines, [])
      store.set(new StoreUnavailable({ cause: new Error("connection refused") }))
      yield* Effect.exit(repo.ping)
      yield* Effect.exit(repo.find([newJobId()]))
      assert.deepStrictEqual(store.lines, [
        "Error, store away, the database does not answer, connection refused"
      ])
      store.set(undefined)
      yield* repo.ping
      yield* TestClock.adjust("4999 millis")
      yield* repo.ping
      assert.strictEqual(store.lines.length, 1)
      yield* TestClock.adjust("1 milli")
      yield* repo.find([newJobId()])
      yield* repo.ping
      assert.deepStrictEqual(store.lines.slice(1), ["Info, store back"])
    }).pipe(Effect.provide(store.layer))
  })

  it.effect("leave answers and defects as they are, and take no defect for an absence", () => {
    const store = makeStore()
    return Effect.gen(function* () {
      const repo = yield* JobRepo
      assert.deepStrictEqual(yield* repo.find([newJobId()]), [null])
      const defect = new Error("line 42")
      store.set(defect)
      const exit = yield* Effect.exit(repo.find([newJobId()]))
      assert.strictEqual(Exit.isFailure(exit) ? Cause.squash(exit.cause) : null, defect)
      assert.deepStrictEqual(store.lines, [])
    }).pipe(Effect.provide(store.layer))
  })

  it.effect("are measured: how long they take, well or ill, and how much they are given at once", () => {
    const store = makeStore()
    return Effect.gen(function* () {
      const repo = yield* JobRepo
      const { batches, durations } = yield* StoreMeasures
      yield* repo.find([newJobId(), newJobId()])
      yield* repo.find([newJobId()])
      store.set(new Error("line 42"))
      yield* Effect.exit(repo.ping)
      const measured = [...durations].map(([operation, histogram]) => [
        operation,
        Histogram.sizeOf(histogram)
      ])
      assert.deepStrictEqual(measured, [
        ["JobRepo.find", 2],
        ["JobRepo.ping", 1]
      ])
      assert.deepStrictEqual(
        [...batches].map(([operation, { sum }]) => [operation, sum]),
        [["JobRepo.find", 3]]
      )
    }).pipe(Effect.provide(store.layer))
  })

  it.effect("are spans with the size of their batch, if there is a tracer", () => {
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    return Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* repo.find([newJobId(), newJobId()])
      yield* repo.ping
      assert.deepStrictEqual(
        spans.map(({ attributes, name, parent }) => [
          name,
          attributes.get("batch.size"),
          Option.isSome(parent)
        ]),
        [
          ["JobRepo.find", 2, false],
          ["JobRepo.ping", undefined, false]
        ]
      )
    }).pipe(Effect.provide(makeStore().layer.pipe(Layer.provideMerge(Layer.succeed(Tracer.Tracer, tracer)))))
  })
})
