import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Queue, Stream } from "effect"
import { Boss } from "../../src/domain/Boss.ts"
import { EventHub } from "../../src/domain/EventHub.ts"
import { type FollowEvent, formatPosition } from "../../src/domain/Following.ts"
import { type ClaimedJob, JobRepo } from "../../src/domain/JobRepo.ts"
import { logChunk, present, progressWrite } from "../stores/StoreKit.ts"
import { claimNow, finish, holdingOf, settle, start, world } from "./support/world.ts"

/** Counts how often the history of a job is read. */
const makeCounter = () => {
  const counter = { histories: 0 }
  return {
    counter,
    layer: world({
      change: (repo) => ({
        history: (id) =>
          Effect.suspend(() => {
            counter.histories += 1
            return repo.history(id)
          })
      })
    })
  }
}

const follow = Effect.fnUntraced(function* ({ job }: ClaimedJob) {
  const boss = yield* Boss
  const told = yield* Queue.unbounded<string>()
  const stream = present(Option.getOrUndefined(yield* Effect.orDie(boss.follow(job.id, Option.none()))))
  const say = (event: FollowEvent) =>
    Queue.offer(
      told,
      `${formatPosition(event.position)} ${event._tag === "State" ? event.job.status : event.event.data}`
    )
  yield* Effect.forkScoped(Stream.runForEach(stream, say))
  yield* settle
  return Effect.andThen(settle, Queue.clear(told))
})

/** Progress, of which followers hear. */
const write = Effect.fnUntraced(function* (claimed: ClaimedJob, id: number) {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  yield* repo.recordProgress([progressWrite(claimed, id - 1, { events: [logChunk(id, `line ${id}`)] })])
  yield* hub.publishProgress([claimed.job.id])
})

describe("following", () => {
  const { counter, layer } = makeCounter()

  it.effect("reads the past of a job at its start and at each of its states, and not for progress", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const claimed = yield* start({ type: "type" })
      const news = yield* follow(claimed)
      assert.deepStrictEqual(yield* news, ["2.0 processing"])
      counter.histories = 0
      for (let id = 1; id <= 5; id++) {
        yield* write(claimed, id)
        assert.deepStrictEqual(yield* news, [`2.${id} line ${id}`])
      }
      assert.strictEqual(counter.histories, 0)

      yield* Effect.orDie(boss.finish(holdingOf(claimed), { _tag: "Released" }))
      assert.deepStrictEqual(yield* news, ["3.0 pending"])
      const [next] = yield* claimNow()
      assert.deepStrictEqual(yield* news, ["4.0 processing"])
      yield* write(present(next), 1)
      assert.deepStrictEqual(yield* news, ["4.1 line 1"])
      yield* finish(present(next))
      assert.deepStrictEqual(yield* news, ["5.0 done"])
      assert.strictEqual(counter.histories, 3)
    }).pipe(Effect.scoped, Effect.provide(layer))
  )

  it.effect("tells progress before the state that came after it, if it heard of neither in time", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const claimed = yield* start({ type: "type" })
      const news = yield* follow(claimed)
      yield* write(claimed, 1)
      yield* repo.recordProgress([progressWrite(claimed, 1, { events: [logChunk(2, "line 2")] })])
      yield* finish(claimed)
      assert.deepStrictEqual(yield* news, ["2.0 processing", "2.1 line 1", "2.2 line 2", "3.0 done"])
    }).pipe(Effect.scoped, Effect.provide(layer))
  )
})
