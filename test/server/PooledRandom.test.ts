import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import * as PooledRandom from "../../src/server/PooledRandom.ts"

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

describe("PooledRandom", () => {
  it.effect("gives no bytes twice, of whatever size they are asked for", () =>
    Effect.gen(function* () {
      const random = yield* SecureRandom.SecureRandom
      const sizes = Array.from({ length: 3_000 }, (_, index) => 12 + (index % 9))
      const drawn = yield* Effect.forEach(sizes, (size) => random.randomBytes(size))
      assert.deepStrictEqual(
        drawn.map((bytes) => bytes.length),
        sizes
      )
      const beginnings = new Set(drawn.map((bytes) => hex(bytes.subarray(0, 12))))
      assert.strictEqual(beginnings.size, sizes.length)
      const large = yield* random.randomBytes(100_000)
      assert.strictEqual(large.length, 100_000)
      assert.isFalse(hex(large).includes("00".repeat(16)))
    }).pipe(Effect.provide(PooledRandom.layer))
  )

  it.effect("gives bytes that are the caller's own", () =>
    Effect.gen(function* () {
      const random = yield* SecureRandom.SecureRandom
      const one = yield* random.randomBytes(16)
      const other = yield* random.randomBytes(16)
      const kept = hex(other)
      one.fill(0)
      assert.strictEqual(hex(other), kept)
      assert.isFalse(hex(other).includes("00".repeat(8)))
    }).pipe(Effect.provide(PooledRandom.layer))
  )
})
