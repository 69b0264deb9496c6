import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { type Backoff, backoffDelay } from "../../../src/domain/policies/Policy.ts"

const backoff = (details: Partial<Backoff> = {}): Backoff => ({
  kind: "exponential",
  initial: Duration.seconds(15),
  factor: 2,
  max: Duration.hours(1),
  jitter: 0,
  ...details
})

const delays = (rule: Backoff, failures: ReadonlyArray<number>, chance = 0.5) =>
  failures.map((count) => Duration.toMillis(backoffDelay(rule, count, chance)))

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Rule = Schema.Struct({
  kind: Schema.Literals(["fixed", "linear", "exponential"]),
  initial: int(0, 100_000),
  factor: int(1, 100),
  max: int(0, 10_000_000),
  jitter: Schema.Literals([0, 0.2, 0.5, 1])
})
const ruleOf = ({ factor, initial, jitter, kind, max }: typeof Rule.Type): Backoff => ({
  kind,
  initial: Duration.millis(initial),
  factor,
  max: Duration.millis(max),
  jitter
})
const Chance = Schema.Literals([0, 0.1, 0.25, 0.5, 0.9, 1])

describe("backoffDelay", () => {
  it.each([
    ["fixed", [15_000, 15_000, 15_000]],
    ["linear", [15_000, 45_000, 75_000]],
    ["exponential", [15_000, 30_000, 60_000]]
  ] as const)("grows by its kind: %s", (kind, expected) => {
    assert.deepStrictEqual(delays(backoff({ kind }), [1, 2, 3]), [...expected])
  })

  it("counts no failure as the first", () => {
    for (const kind of ["fixed", "linear", "exponential"] as const) {
      assert.deepStrictEqual(delays(backoff({ kind }), [0, 1]), [15_000, 15_000])
    }
  })

  it("is capped", () => {
    assert.deepStrictEqual(delays(backoff(), [8, 9, 1_000]), [1_920_000, 3_600_000, 3_600_000])
    assert.deepStrictEqual(delays(backoff({ max: Duration.seconds(1) }), [1]), [1_000])
  })

  it("stays nothing from nothing, however often", () => {
    const rule = backoff({ initial: Duration.zero, factor: 100, jitter: 1 })
    assert.deepStrictEqual(delays(rule, [1, 2, 1_000], 1), [0, 0, 0])
  })

  it("is spread after the cap", () => {
    const rule = backoff({ max: Duration.seconds(10), jitter: 0.2 })
    const spread = [0, 0.25, 0.5, 1].map((chance) => delays(rule, [9], chance)[0])
    assert.deepStrictEqual(spread, [8_000, 9_000, 10_000, 12_000])
    assert.deepStrictEqual(delays(backoff({ jitter: 1 }), [1], 0), [0])
  })

  it.prop(
    "is a whole number of milliseconds within the jitter of the plain delay",
    { rule: Rule, failures: int(1, 1_000), chance: Chance },
    ({ chance, failures, rule }) => {
      const [plain = NaN] = delays({ ...ruleOf(rule), jitter: 0 }, [failures])
      const [delay = NaN] = delays(ruleOf(rule), [failures], chance)
      assert.isTrue(Number.isSafeInteger(delay))
      assert.isAtLeast(delay, Math.floor(plain * (1 - rule.jitter)))
      assert.isAtMost(delay, Math.ceil(plain * (1 + rule.jitter)))
      assert.isAtMost(plain, rule.max)
    },
    { arbitrary: { runs: 1_000 } }
  )

  it.prop(
    "never shrinks with more failures or more chance",
    { rule: Rule, failures: int(1, 999), chance: Chance, otherChance: Chance },
    ({ chance, failures, otherChance, rule }) => {
      const [delay = NaN, next = NaN] = delays(ruleOf(rule), [failures, failures + 1], chance)
      assert.isAtLeast(next, delay)
      const [low, high] = chance < otherChance ? [chance, otherChance] : [otherChance, chance]
      const [less = NaN, more = NaN] = [low, high].flatMap((by) => delays(ruleOf(rule), [failures], by))
      assert.isAtLeast(more, less)
    },
    { arbitrary: { runs: 1_000 } }
  )
})
