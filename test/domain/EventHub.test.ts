import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Scope } from "effect"
import { EventHub, Peers } from "../../src/domain/EventHub.ts"
import { JobId } from "../../src/domain/Identifiers.ts"
import { aJob } from "./records.ts"

const job = aJob()
const otherJob = JobId.make("00000000-0000-7000-8000-000000000002")

/** Whether it is there already, without waiting for it. */
const isThere = (changed: Effect.Effect<void>) => Effect.map(Effect.timeoutOption(changed, 0), Option.isSome)

const withHub = <A>(test: (hub: EventHub["Service"]) => Effect.Effect<A, never, Scope.Scope>) =>
  Effect.flatMap(EventHub, test).pipe(Effect.provide(Layer.provide(EventHub.layer, Peers.none)))

describe("EventHub", () => {
  it.live("tells who watches a job of its changes, many of them once, and nobody else", () =>
    withHub((hub) =>
      Effect.gen(function* () {
        const changed = yield* hub.watch(job.id)
        const other = yield* hub.watch(otherJob)
        assert.isFalse(yield* isThere(changed))
        yield* hub.publish("created", [job])
        yield* hub.publish("created", [job])
        assert.isTrue(yield* isThere(changed))
        assert.isFalse(yield* isThere(changed))
        assert.isFalse(yield* isThere(other))
      })
    )
  )

  it.live("tells of progress only who asks for it", () =>
    withHub((hub) =>
      Effect.gen(function* () {
        const states = yield* hub.watch(job.id)
        const all = yield* hub.watch(job.id, { progress: true })
        yield* hub.publishProgress([job.id])
        assert.isFalse(yield* isThere(states))
        assert.isTrue(yield* isThere(all))
      })
    )
  )

  it.live("forgets who watched when the scope closes", () =>
    withHub((hub) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const gone = yield* Scope.provide(hub.watch(job.id), scope)
        const stays = yield* hub.watch(job.id)
        yield* Scope.close(scope, Exit.void)
        yield* hub.publish("created", [job])
        assert.isFalse(yield* isThere(gone))
        assert.isTrue(yield* isThere(stays))
      })
    )
  )
})
