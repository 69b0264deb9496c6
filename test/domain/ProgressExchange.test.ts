import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch, Option, Queue, Stream } from "effect"
import { Boss } from "../../src/domain/Boss.ts"
import { largestAnswer } from "../../src/domain/JobRepo.ts"
import { longestEvent, type Signal } from "../../src/domain/ProgressExchange.ts"
import { eventsOf, present } from "../stores/StoreKit.ts"
import { holdingOf, settle, start, world } from "./support/world.ts"

describe("the progress of an attempt", () => {
  it.effect("holds the worker up when so much waits to be stored that it would fill the memory", () =>
    Effect.gen(function* () {
      const mayStore = yield* Latch.make(false)
      let largestWrite = 0
      yield* Effect.gen(function* () {
        const boss = yield* Boss
        const claimed = yield* start({ type: "type" })
        const count = 20
        const data = "x".repeat(longestEvent / 2)
        let sent = 0
        const body = Stream.range(1, count).pipe(
          Stream.rechunk(1),
          Stream.map((id) => {
            sent = id
            return `id: ${id}\nevent: log_chunk\ndata: ${data}\n\n`
          })
        )
        const { signals } = yield* Effect.orDie(boss.progress(holdingOf(claimed), Option.none(), body))
        const said = yield* Queue.unbounded<Signal>()
        yield* Effect.forkScoped(Stream.runForEach(signals, (signal) => Queue.offer(said, signal)))
        yield* settle
        assert.isAtMost(sent, 9)

        yield* mayStore.open
        let mark = 0
        while (mark < count) {
          const signal = yield* Queue.take(said)
          if (signal._tag === "Seen") mark = signal.mark
        }
        assert.isAtMost(largestWrite, 3 * longestEvent)
        assert.isAtLeast(largestWrite, largestAnswer.progress)
        const [last] = yield* eventsOf(claimed.attempt.id, count - 1)
        assert.strictEqual(present(last).data.length, data.length)
      }).pipe(
        // Or what waits for it would outlive a failure.
        Effect.ensuring(mayStore.open),
        Effect.scoped,
        Effect.provide(
          world({
            change: (repo) => ({
              recordProgress: (batch) => {
                const size = batch
                  .flatMap(({ events }) => events)
                  .reduce((sum, event) => sum + event.data.length, 0)
                largestWrite = Math.max(largestWrite, size)
                return Effect.andThen(mayStore.await, repo.recordProgress(batch))
              }
            })
          })
        )
      )
    })
  )
})
