import { assert, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { Deadlines } from "../../../src/domain/Deadlines.ts"
import * as Postponed from "../../../src/domain/dispatching/Postponed.ts"
import { aGroup } from "../support/records.ts"
import { pass } from "../support/world.ts"

it.effect(
  "looks at a group at the first of the times that are noted of it, and again only if that is noted again",
  () =>
    Effect.gen(function* () {
      const due: Array<readonly [number, number]> = []
      const postponed = Postponed.make(yield* Deadlines, ({ id }, at) => due.push([id, at]))
      const note = (id: number, left: number, now: number) =>
        postponed.note(aGroup({ id }), Duration.millis(left), now)
      note(1, 500, 0)
      note(1, 900, 0)
      note(2, 400, 0)
      note(2, 300, 0)
      yield* pass("299 millis")
      assert.deepStrictEqual(due, [])
      yield* pass("1 second")
      assert.deepStrictEqual(due, [
        [2, 300],
        [1, 500]
      ])
      note(1, 900, 1_299)
      yield* pass("900 millis")
      assert.deepStrictEqual(due.at(-1), [1, 2_199])
      assert.lengthOf(due, 3)
    }).pipe(Effect.provide(Deadlines.layer))
)
