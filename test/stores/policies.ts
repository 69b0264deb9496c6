/** How a store keeps policies. Those of other tests may be there as well. */
import { assert } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { type PolicyOverrides } from "../../src/domain/policies/PolicyOverrides.ts"
import { PolicyRepo } from "../../src/domain/policies/PolicyRepo.ts"
import { first, newName, type Suite } from "./StoreKit.ts"

const whole: PolicyOverrides = {
  maxAttempts: 2,
  backoff: { kind: "fixed", initial: Duration.millis(1) },
  pickup: null,
  lease: Duration.seconds(90),
  rateLimit: { limit: 3, period: Duration.minutes(1) },
  paused: true,
  quarantine: null,
  retention: { done: null }
}

const stored = (type: string) =>
  Effect.flatMap(PolicyRepo, ({ all }) => Effect.map(all, (kept) => kept.filter((one) => one.type === type)))

export const policies = ({ advance, it }: Suite): void => {
  it.effect("keeps what a policy says, and who said it last", () =>
    Effect.gen(function* () {
      const repo = yield* PolicyRepo
      const type = newName("type")
      const made = yield* repo.change(type, "ada", () => whole)
      assert.deepStrictEqual(made, { before: null, after: whole })
      const kept = first(yield* stored(type))
      assert.deepStrictEqual(kept.own, whole)
      assert.strictEqual(kept.changedBy, "ada")

      yield* advance(1)
      const again = yield* repo.change(type, null, (own) => ({ ...own, paused: false }))
      assert.deepStrictEqual(again, { before: whole, after: { ...whole, paused: false } })
      const changed = first(yield* stored(type))
      assert.isNull(changed.changedBy)
      assert.strictEqual(changed.changedAt.epochMilliseconds - kept.changedAt.epochMilliseconds, 1)
    })
  )

  it.effect("forgets a policy that is to say nothing", () =>
    Effect.gen(function* () {
      const repo = yield* PolicyRepo
      const type = newName("type")
      yield* repo.change(type, null, () => ({}))
      assert.deepStrictEqual(yield* repo.change(type, null, () => null), { before: {}, after: null })
      assert.deepStrictEqual(yield* stored(type), [])
      assert.deepStrictEqual(yield* repo.change(type, null, () => null), { before: null, after: null })
    })
  )

  it.effect("lets no change of a type be lost, however many come at once", () =>
    Effect.gen(function* () {
      const repo = yield* PolicyRepo
      const type = newName("type")
      const raise = repo.change(type, null, (own) => ({ maxAttempts: (own?.maxAttempts ?? 0) + 1 }))
      yield* Effect.all(
        Array.from({ length: 20 }, () => raise),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        (yield* stored(type)).map(({ own }) => own),
        [{ maxAttempts: 20 }]
      )
    })
  )
}
