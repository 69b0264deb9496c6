import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type Merits, noRecord, recordOf, scoreOf } from "../../../src/domain/matching/Score.ts"

const merits: Merits = { fit: 1, record: 0.5, running: 0, hasFailedIt: false }
const score = (some: Partial<Merits>) => scoreOf({ ...merits, ...some })

describe("scoreOf", () => {
  it.each([
    [{}, 0.8],
    [{ fit: 0 }, 0.2],
    [{ fit: 0.5 }, 0.5],
    [{ record: 1 }, 1],
    [{ record: 0 }, 0.6],
    [{ running: 1 }, 0.75],
    [{ running: 4 }, 0.72],
    [{ running: 1_000_000 }, 0.7],
    [{ hasFailedIt: true }, 0.5],
    [{ fit: 0, record: 0, running: 3, hasFailedIt: true }, 0],
    [{ record: 0.503 }, 0.8]
  ] as const)("of %j is %d", (some, expected) => {
    assert.strictEqual(score(some), expected)
  })
})

describe("recordOf", () => {
  it.each([
    [noRecord, null, 0.6875],
    [noRecord, 1_000, 0.6875],
    [{ done: 8, failed: 0, medianRun: null }, 1_000, 0.75 * (14 / 16) + 0.125],
    [{ done: 8, failed: 0, medianRun: 1_000 }, 1_000, 0.75 * (14 / 16) + 0.125],
    [{ done: 8, failed: 0, medianRun: 1_000 }, 3_000, 0.75 * (14 / 16) + 0.25 * (10 / 16)],
    [{ done: 8, failed: 0, medianRun: 3_000 }, 1_000, 0.75 * (14 / 16) + 0.25 * (6 / 16)],
    [{ done: 0, failed: 4, medianRun: null }, 1_000, 0.75 * 0.5 + 0.125],
    [{ done: 1, failed: 0, medianRun: 0 }, 0, 0.75 * (7 / 9) + 0.125]
  ] as const)("of %j where %s ms are usual is %d", (record, typicalRun, expected) => {
    assert.closeTo(recordOf(record, typicalRun), expected, 1e-12)
  })
})

const Share = Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
const Run = Schema.NullOr(Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 1e9 })))
const RandomMerits = Schema.Struct({ fit: Share, record: Share, running: Count, hasFailedIt: Schema.Boolean })
const RandomRecord = Schema.Struct({ done: Count, failed: Count, medianRun: Run })

describe("scores at random", () => {
  it.prop("are from 0 to 1, in hundredths", [RandomMerits], ([some]) => {
    const made = scoreOf(some)
    assert.isTrue(made >= 0 && made <= 1)
    assert.closeTo(made * 100, Math.round(made * 100), 1e-9)
  })

  it.prop(
    "are no lower for who meets more, has a better record, has less to do, or has not failed the job",
    [RandomMerits, RandomMerits],
    ([one, other]) => {
      const best = {
        fit: Math.max(one.fit, other.fit),
        record: Math.max(one.record, other.record),
        running: Math.min(one.running, other.running),
        hasFailedIt: one.hasFailedIt && other.hasFailedIt
      }
      assert.isAtLeast(scoreOf(best), scoreOf(one))
      for (const key of ["fit", "record", "running", "hasFailedIt"] as const) {
        assert.isAtLeast(scoreOf({ ...one, [key]: best[key] }), scoreOf(one), key)
      }
    }
  )

  it.prop("come of records from 0 to 1", { record: RandomRecord, typical: Run }, ({ record, typical }) => {
    const made = recordOf(record, typical)
    assert.isTrue(made >= 0 && made <= 1)
  })

  const FewDone = Schema.Struct({
    ...RandomRecord.fields,
    done: Schema.Literals([0, 1, 2, 3, 5, 8, 13, 100])
  })
  const Failed = Schema.Literals([0, 1, 2, 5, 100])
  it.prop(
    "come of records that one more result of a worker moves by less than a ninth",
    { record: FewDone, failed: Failed, typical: Run },
    ({ failed, record: { done, medianRun }, typical }) => {
      const before = { done, failed, medianRun: done === 0 ? null : medianRun }
      const made = recordOf(before, typical)
      const [better, worse] = [
        recordOf({ ...before, done: done + 1, medianRun }, typical),
        recordOf({ ...before, failed: failed + 1 }, typical)
      ]
      assert.isBelow(Math.abs(better - made), 1 / 9)
      assert.isBelow(Math.abs(worse - made), 1 / 9)
      assert.isBelow(worse, made)
    }
  )
})
