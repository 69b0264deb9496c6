import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Latch, Scope } from "effect"
import * as GroupCommit from "../../src/domain/GroupCommit.ts"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import { exitOf, settle } from "./support/world.ts"

/** A group commit of words whose writes wait for a latch, and what came of it. */
const makeWriter = Effect.fnUntraced(function* (
  options: {
    readonly enough?: number
    readonly sizeOf?: (word: string) => number
    readonly write?: (batch: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>>
    readonly tell?: (results: ReadonlyArray<string>) => Effect.Effect<void>
  } = {}
) {
  const latch = yield* Latch.make(true)
  const batches: Array<ReadonlyArray<string>> = []
  const told: Array<ReadonlyArray<string>> = []
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Effect.andThen(latch.open, Scope.close(scope, Exit.void)))
  const commit = yield* Scope.provide(
    GroupCommit.make<string, string>({
      enough: options.enough ?? 100,
      ...(options.sizeOf !== undefined && { sizeOf: options.sizeOf }),
      write: (batch) =>
        Effect.suspend(() => {
          batches.push(batch)
          return Effect.andThen(
            latch.await,
            options.write?.(batch) ?? Effect.succeed(batch.map((word) => word.toUpperCase()))
          )
        }),
      tell: (_, results) =>
        Effect.suspend(() => {
          told.push(results)
          return options.tell?.(results) ?? Effect.void
        })
    }),
    scope
  )
  /** Begins a write for each of the words, the first before the others. */
  const write = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
    const fibers: Array<Fiber.Fiber<string>> = []
    for (const word of words) {
      fibers.push(yield* Effect.forkChild(commit(word)))
      if (fibers.length === 1) yield* settle
    }
    yield* settle
    return fibers
  })
  return { batches, close: Scope.close(scope, Exit.void), commit, latch, told, write }
})

const stateOf = (fiber: Fiber.Fiber<string>): string => {
  const exit = exitOf(fiber)
  if (exit === undefined) return "waiting"
  if (Exit.isSuccess(exit)) return exit.value
  const defect = Cause.squash(exit.cause)
  return defect instanceof Error ? defect.message || defect.name : String(defect)
}
const statesOf = (fibers: ReadonlyArray<Fiber.Fiber<string>>) => fibers.map(stateOf)

const away = new StoreUnavailable({ cause: "a test" })
const poisoned = new Error("poison")
const writeUnlessPoison = (batch: ReadonlyArray<string>) =>
  batch.includes("poison") ? Effect.die(poisoned) : Effect.succeed(batch)

describe("GroupCommit", () => {
  it.effect("writes what comes alone at once, and answers it after it was told", () =>
    Effect.gen(function* () {
      const { batches, commit, told } = yield* makeWriter()
      assert.strictEqual(yield* commit("a"), "A")
      assert.deepStrictEqual([batches, told], [[["a"]], [["A"]]])
    })
  )

  it.effect("gathers what comes while a batch is written, and answers each with its own", () =>
    Effect.gen(function* () {
      const { batches, latch, write } = yield* makeWriter()
      yield* latch.close
      const first = yield* write("a")
      const others = yield* write("b", "c", "d")
      assert.deepStrictEqual(batches, [["a"]])
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(batches, [["a"], ["b", "c", "d"]])
      assert.deepStrictEqual(statesOf([...first, ...others]), ["A", "B", "C", "D"])
    })
  )

  it.effect("puts no more than enough into a batch", () =>
    Effect.gen(function* () {
      const { batches, latch, write } = yield* makeWriter({ enough: 2 })
      yield* latch.close
      const fibers = yield* write("a", "b", "c", "d", "e", "f")
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(batches, [["a"], ["b", "c"], ["d", "e"], ["f"]])
      assert.deepStrictEqual(statesOf(fibers), ["A", "B", "C", "D", "E", "F"])
    })
  )

  it.effect("takes nothing more into a batch that has the size", () =>
    Effect.gen(function* () {
      const { batches, latch, write } = yield* makeWriter({ enough: 3, sizeOf: (word) => word.length })
      yield* latch.close
      const fibers = yield* write("a", "b", "cc", "d", "eeeee", "f", "g")
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(batches, [["a"], ["b", "cc"], ["d", "eeeee"], ["f", "g"]])
      assert.deepStrictEqual(statesOf(fibers), ["A", "B", "CC", "D", "EEEEE", "F", "G"])
    })
  )

  it.effect("writes together what comes one turn of the event loop after another", () =>
    Effect.gen(function* () {
      const { batches, commit } = yield* makeWriter()
      yield* Effect.forkChild(commit("a"), { startImmediately: true })
      yield* Effect.yieldNow
      yield* commit("b")
      assert.deepStrictEqual(batches, [["a", "b"]])
    })
  )

  it.effect("writes one by one what was poisoned together, so that only the poison fails", () =>
    Effect.gen(function* () {
      const { batches, latch, told, write } = yield* makeWriter({ write: writeUnlessPoison })
      yield* latch.close
      const fibers = yield* write("a", "b", "poison", "c")
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(statesOf(fibers), ["a", "b", "poison", "c"])
      assert.deepStrictEqual(batches, [["a"], ["b", "poison", "c"], ["b"], ["poison"], ["c"]])
      assert.deepStrictEqual(told, [["a"], ["b"], ["c"]])
      const last = fibers[2] === undefined ? undefined : exitOf(fibers[2])
      assert.isTrue(last !== undefined && Exit.isFailure(last))
    })
  )

  it.effect("does not try one by one when the store is away", () =>
    Effect.gen(function* () {
      const { batches, latch, told, write } = yield* makeWriter({ write: () => Effect.die(away) })
      yield* latch.close
      const fibers = yield* write("a", "b", "c")
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(batches, [["a"], ["b", "c"]])
      assert.deepStrictEqual(told, [])
      for (const fiber of fibers) {
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) === away)
      }
    })
  )

  it.effect("answers although what was written cannot be told, and writes on", () =>
    Effect.gen(function* () {
      const { batches, commit } = yield* makeWriter({ tell: () => Effect.die(new Error("deaf")) })
      assert.strictEqual(yield* commit("a"), "A")
      assert.strictEqual(yield* commit("b"), "B")
      assert.deepStrictEqual(batches, [["a"], ["b"]])
    })
  )

  it.effect("lets whoever has no result know", () =>
    Effect.gen(function* () {
      const { latch, write } = yield* makeWriter({ write: (batch) => Effect.succeed(batch.slice(0, 1)) })
      yield* latch.close
      const fibers = yield* write("a", "b", "c")
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(statesOf(fibers), ["a", "b", "a batch had too few results"])
    })
  )

  it.effect("writes for a caller that has left, and answers the others", () =>
    Effect.gen(function* () {
      const { batches, latch, write } = yield* makeWriter()
      yield* latch.close
      const [writing, ...rest] = yield* write("a", "b", "c")
      if (writing !== undefined) yield* Fiber.interrupt(writing)
      const [gathering, ...others] = rest
      if (gathering !== undefined) yield* Fiber.interrupt(gathering)
      yield* latch.open
      yield* settle
      assert.deepStrictEqual(batches, [["a"], ["b", "c"]])
      assert.deepStrictEqual(statesOf(others), ["C"])
    })
  )
})

describe("GroupCommit: closing", () => {
  it.effect("finishes the batch under way, and tells all others that the server is stopping", () =>
    Effect.gen(function* () {
      const { batches, close, commit, latch, told, write } = yield* makeWriter()
      yield* latch.close
      const writing = yield* write("a")
      const gathering = yield* write("b", "c")
      const closing = yield* Effect.forkChild(close)
      yield* settle
      assert.isUndefined(exitOf(closing))
      yield* latch.open
      yield* settle
      assert.isDefined(exitOf(closing))
      assert.deepStrictEqual(statesOf(writing), ["A"])
      assert.deepStrictEqual([batches, told], [[["a"]], [["A"]]])
      for (const fiber of [...gathering, yield* Effect.forkChild(commit("late"))]) {
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) instanceof StoreUnavailable)
      }
    })
  )

  it.effect("leaves nobody waiting to be let in", () =>
    Effect.gen(function* () {
      const { close, latch, write } = yield* makeWriter()
      yield* latch.close
      const fibers = yield* write(...Array.from({ length: 10_200 }, (_, index) => String(index)))
      const closing = yield* Effect.forkChild(close)
      yield* latch.open
      yield* settle
      assert.isDefined(exitOf(closing))
      assert.strictEqual(statesOf(fibers).filter((state) => state === "waiting").length, 0)
    })
  )
})
