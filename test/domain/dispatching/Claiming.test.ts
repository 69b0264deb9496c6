import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Latch, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { ClaimSignal } from "../../../src/domain/dispatching/Claiming.ts"
import { Dispatcher } from "../../../src/domain/dispatching/Dispatcher.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { present } from "../../stores/StoreKit.ts"
import {
  clockAhead,
  anybody,
  census,
  exitOf,
  finish,
  makeOutage,
  makePeer,
  many,
  pass,
  settle,
  submit,
  vacancy,
  world
} from "../support/world.ts"

/** A worker that keeps a stream of claims open, and all that it was told. */
const connect = Effect.fnUntraced(function* (wishes: Parameters<typeof vacancy>[0] = {}) {
  const boss = yield* Boss
  const signals: Array<ClaimSignal> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(boss.claims(vacancy(wishes)), (signal) =>
      Effect.sync(() => {
        signals.push(signal)
        if (signal._tag === "Assigned") signal.onSent()
      })
    )
  )
  yield* settle
  return {
    fiber,
    signals,
    assigned: () => signals.flatMap((signal) => (signal._tag === "Assigned" ? [signal.claimed] : []))
  }
})

describe("Claiming", () => {
  it.effect("assigns no more than there is room for, and one more for each outcome", () =>
    Effect.gen(function* () {
      yield* submit(...many(5, { type: "a" }))
      const worker = yield* connect({ max: 2 })
      assert.lengthOf(worker.assigned(), 2)
      yield* finish(present(worker.assigned()[1]))
      yield* settle
      assert.lengthOf(worker.assigned(), 3)
      assert.deepStrictEqual(yield* census, { done: 1, pending: 2, processing: 2 })
    }).pipe(Effect.provide(world()))
  )

  it.effect("goes on when a claim was in vain for a minute", () =>
    Effect.gen(function* () {
      const worker = yield* connect()
      yield* pass("150 seconds")
      yield* submit({ type: "a" })
      yield* settle
      assert.lengthOf(worker.assigned(), 1)
    }).pipe(Effect.provide(world()))
  )

  it.effect("tells how much time is left by the clock of the store, whatever the server's says", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const [job] = yield* submit({ type: "a" })
      const worker = yield* connect()
      yield* boss.cancel(present(job).id, anybody, null)
      yield* settle
      const signal = worker.signals[1]
      assert.isTrue(signal?._tag === "Cancel" && Duration.toSeconds(signal.grace) === 10)
    }).pipe(Effect.provide(world({ change: clockAhead })))
  )

  it.effect("tells once that a job is to be stopped, and has room again when it has", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      const [job] = yield* submit(...many(2, { type: "a" }))
      const worker = yield* connect()
      yield* boss.cancel(present(job).id, anybody, null)
      yield* settle
      yield* boss.cancel(present(job).id, anybody, null)
      yield* settle
      const [, signal] = worker.signals
      assert.lengthOf(worker.signals, 2)
      assert.isTrue(signal?._tag === "Cancel" && Duration.toSeconds(signal.grace) === 10)
      yield* boss.finish(
        { job: present(job).id, attempt: present(worker.assigned()[0]).attempt.id, worker: "worker" },
        { _tag: "Released" }
      )
      yield* settle
      assert.lengthOf(worker.assigned(), 2)
    }).pipe(Effect.provide(world()))
  )

  it.effect("finds an end of which it heard nothing within 15 seconds", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      yield* submit(...many(2, { type: "a" }))
      const worker = yield* connect()
      const { attempt, job } = present(worker.assigned()[0])
      yield* repo.end([
        {
          job: job.id,
          attempt: attempt.id,
          worker: null,
          cancelling: null,
          onlyIfOverdue: false,
          transition: {
            outcome: "done",
            status: "done",
            spends: "nothing",
            wait: null,
            result: 1,
            error: null
          }
        }
      ])
      yield* pass("14999 millis")
      assert.lengthOf(worker.assigned(), 1)
      yield* pass("1 millis")
      assert.lengthOf(worker.assigned(), 2)
    }).pipe(Effect.provide(world()))
  )

  const looking = makeOutage()
  const peer = makePeer()
  it.effect("keeps its room when the store is away as it looks at a job", () =>
    Effect.gen(function* () {
      yield* submit(...many(2, { type: "a" }))
      const worker = yield* connect()
      const held = present(worker.assigned()[0])
      yield* looking.begin
      yield* peer.say({ jobs: [held.job.id] })
      yield* pass("100 millis")
      yield* looking.end
      yield* finish(held)
      yield* pass("500 millis")
      assert.lengthOf(worker.assigned(), 2)
    }).pipe(
      Effect.provide(
        world({
          peers: peer.layer,
          change: (repo) => ({ findAttempt: (job, id) => looking.guard(repo.findAttempt(job, id)) })
        })
      )
    )
  )

  const claiming = makeOutage()
  it.effect("stays open when the store is away as a claim is made anew", () =>
    Effect.gen(function* () {
      const worker = yield* connect()
      yield* pass("59 seconds")
      yield* claiming.begin
      yield* submit({ type: "a" })
      yield* pass("10 seconds")
      assert.isUndefined(exitOf(worker.fiber))
      yield* claiming.end
      yield* pass("1 second")
      assert.lengthOf(worker.assigned(), 1)
    }).pipe(
      Effect.provide(world({ change: (repo) => ({ claim: (claim) => claiming.guard(repo.claim(claim)) }) }))
    )
  )

  it.effect("gives back what was not sent when it is closed, and leaves the rest", () =>
    Effect.gen(function* () {
      const boss = yield* Boss
      yield* submit(...many(100, { type: "a" }))
      const isRead = yield* Latch.make(false)
      let sent = 0
      const reader = yield* Effect.forkChild(
        Stream.runForEach(boss.claims(vacancy({ max: 100 })), (signal) =>
          Effect.suspend(() => {
            if (sent === 3) return Effect.andThen(isRead.open, Effect.never)
            if (signal._tag === "Assigned") signal.onSent()
            sent += 1
            return Effect.void
          })
        )
      )
      yield* isRead.await
      yield* Fiber.interrupt(reader)
      yield* settle
      assert.deepStrictEqual(yield* census, { pending: 97, processing: 3 })
    }).pipe(Effect.provide(world()))
  )

  it.effect("ends when the dispatcher is closed", () =>
    Effect.gen(function* () {
      const dispatcher = yield* Dispatcher
      const worker = yield* connect()
      yield* dispatcher.close
      yield* settle
      assert.isDefined(exitOf(worker.fiber))
      const late = yield* connect()
      assert.isDefined(exitOf(late.fiber))
    }).pipe(Effect.provide(world()))
  )
})
