/** How a store keeps schedules. Those of other tests may be there as well. */
import { assert } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { ScheduleRecord, ScheduleRules } from "../../src/domain/schedules/Schedule.ts"
import { type Firing, ScheduleRepo } from "../../src/domain/schedules/ScheduleRepo.ts"
import {
  assertSameJob,
  cancellation,
  findOne,
  first,
  newJob,
  newName,
  plenty,
  present,
  type Suite
} from "./StoreKit.ts"

const rules: ScheduleRules = {
  cron: "0 4 * * *",
  timeZone: "Europe/Berlin",
  job: { type: "type", parameters: { a: 1 }, lease: Duration.seconds(90) },
  overlap: "replace",
  catchUp: "all",
  paused: false
}

/** A schedule of which a tick comes in `wait`. */
const make = Effect.fnUntraced(function* (wait: Duration.Input, details: Partial<ScheduleRules> = {}) {
  const repo = yield* ScheduleRepo
  const { after } = yield* repo.change(newName("schedule"), "ada", (_, now) => ({
    rules: { ...rules, ...details },
    nextTick: DateTime.addDuration(now, Duration.fromInputUnsafe(wait))
  }))
  return after
})

const firingOf = (schedule: ScheduleRecord, details: Partial<Firing> = {}): Firing => ({
  schedule: schedule.name,
  version: schedule.version,
  cancellations: [],
  jobs: [newJob({ schedule: schedule.name })],
  lastTick: schedule.nextTick,
  nextTick: null,
  ...details
})

const find = Effect.fnUntraced(function* ({ name }: ScheduleRecord) {
  const repo = yield* ScheduleRepo
  return present(yield* repo.find(name))
})

const isDue = Effect.fnUntraced(function* ({ name }: ScheduleRecord) {
  const repo = yield* ScheduleRepo
  const { done } = yield* repo.due(plenty, new Set())
  return done.some(({ schedule }) => schedule.name === name)
})

export const scheduling = ({ advance, it }: Suite): void => {
  it.effect("keeps what a schedule says, and what it was", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make("1 hour")
      assert.deepStrictEqual((yield* find(made)).schedule, made)
      assert.deepStrictEqual(made.rules, rules)
      assert.deepStrictEqual([made.lastTick, made.lastJob, made.changedBy], [null, null, "ada"])

      yield* advance(1)
      const fired = first(yield* repo.fire([firingOf(made)]))
      const changed = yield* repo.change(made.name, null, (before) => {
        assert.deepStrictEqual(before?.lastTick, made.nextTick)
        return { rules: { ...rules, paused: true }, nextTick: null }
      })
      assert.strictEqual(changed.before?.changedBy, "ada")
      const { after } = changed
      assert.isTrue(after.rules.paused)
      assert.deepStrictEqual([after.nextTick, after.changedBy], [null, null])
      assert.strictEqual(after.lastJob, present(fired).created[0]?.id)
      assert.strictEqual(after.changedAt.epochMilliseconds - after.createdAt.epochMilliseconds, 1)
    })
  )

  it.effect("forgets a schedule, but not its jobs", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make("1 hour")
      const { created } = present(first(yield* repo.fire([firingOf(made)])))
      assert.isTrue(yield* repo.remove(made.name))
      assert.isNull(yield* repo.find(made.name))
      assert.isFalse(yield* repo.remove(made.name))
      assert.strictEqual((yield* findOne(first(created).id)).schedule, made.name)
    })
  )

  it.effect("lists schedules by name, page by page", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* Effect.forEach([1, 2, 3, 4], () => make("1 hour"))
      const [before, one, two, last] = made.map(({ name }) => name).toSorted()
      const page = yield* repo.list(present(before), 2)
      assert.deepStrictEqual(
        page.items.map(({ name }) => name),
        [one, two]
      )
      assert.isTrue(page.hasMore)
      const rest = yield* repo.list(present(two), plenty)
      assert.isFalse(rest.hasMore)
      assert.strictEqual(rest.items[0]?.name, last)
    })
  )

  it.effect("finds schedules when their tick has come, and says when the next comes", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make(1_000)
      yield* advance(999)
      assert.isFalse(yield* isDue(made))
      const { next } = yield* repo.due(plenty, new Set())
      assert.isAtMost(Duration.toMillis(present(next)), 1)
      yield* advance(1)
      assert.isTrue(yield* isDue(made))
      yield* repo.fire([firingOf(made)])
      assert.isFalse(yield* isDue(made))
    })
  )

  it.effect("leaves out those in time zones that are not known where it is asked", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make(0, { timeZone: "Mars/Base" })
      assert.strictEqual((yield* find(made)).schedule.rules.timeZone, "Mars/Base")
      assert.isTrue(yield* isDue(made))
      const unknownZones = new Set(["Mars/Base", "Moon/Base"])
      const others = yield* repo.due(plenty, unknownZones)
      assert.notInclude(
        others.done.map(({ schedule }) => schedule.name),
        made.name
      )
      const { done } = yield* repo.due(plenty, new Set(["Moon/Base"]))
      assert.include(
        done.map(({ schedule }) => schedule.name),
        made.name
      )
      yield* repo.remove(made.name)
    })
  )

  it.effect("fires a schedule only on the version that was decided upon, and whole", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make(0)
      const twice = [firingOf(made), firingOf(made)]
      const results = yield* Effect.all(
        twice.map((firing) => repo.fire([firing])),
        { concurrency: "unbounded" }
      )
      const fired = results.flat().filter((result) => result !== null)
      assert.strictEqual(fired.length, 1)
      const job = first(first(fired).created)
      assertSameJob(yield* findOne(job.id), job)
      assert.deepStrictEqual([job.schedule, job.status], [made.name, "pending"])
      const jobs = yield* JobRepo
      const found = yield* jobs.find(twice.flatMap((firing) => firing.jobs.map(({ id }) => id)))
      assert.strictEqual(found.filter((one) => one !== null).length, 1)
      const { schedule } = yield* find(made)
      assert.deepStrictEqual([schedule.lastTick, schedule.lastJob], [made.nextTick, job.id])
    })
  )

  it.effect("fires none that was deleted and made anew in between", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make(0)
      yield* repo.remove(made.name)
      yield* repo.change(made.name, "ada", () => ({ rules, nextTick: made.nextTick }))
      assert.deepStrictEqual(yield* repo.fire([firingOf(made)]), [null])
    })
  )

  it.effect("fires many at once, each with its own jobs and cancellations", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const one = yield* make(0)
      const other = yield* make(0)
      const stale = { ...(yield* make(0)), version: 0 }
      const earlier = first(present(first(yield* repo.fire([firingOf(one)]))).created)
      const again = (yield* find(one)).schedule
      assert.deepStrictEqual((yield* find(one)).unfinished, [{ id: earlier.id, type: earlier.group.type }])
      const [fired, skipped, both] = yield* repo.fire([
        firingOf(again, {
          cancellations: [cancellation(earlier.id, Duration.zero, { reason: "replaced" })]
        }),
        firingOf(stale),
        firingOf(other, {
          jobs: [newJob({ schedule: other.name }), newJob({ schedule: other.name })]
        })
      ])
      assert.isNull(skipped)
      assert.deepStrictEqual(
        fired?.cancelled.map(({ id, status }) => [id, status]),
        [[earlier.id, "cancelled"]]
      )
      assert.strictEqual(fired?.created.length, 1)
      assert.deepStrictEqual(both?.cancelled, [])
      assert.strictEqual(both?.created.length, 2)
      assert.deepStrictEqual(
        (yield* find(one)).unfinished.map(({ id }) => id),
        fired?.created.map(({ id }) => id)
      )
    })
  )

  it.effect("looks for unfinished jobs only if they must not overlap", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const made = yield* make(0, { overlap: "allow" })
      yield* repo.fire([firingOf(made)])
      assert.deepStrictEqual((yield* find(made)).unfinished, [])
    })
  )

  it.effect("takes first those that have not fired for the longest time", () =>
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const busy = yield* make(0)
      yield* repo.fire([firingOf(busy, { nextTick: busy.nextTick })])
      const fresh = yield* make(0)
      const { done } = yield* repo.due(plenty, new Set())
      const names = done.map(({ schedule }) => schedule.name)
      assert.isBelow(names.indexOf(fresh.name), names.indexOf(busy.name))
    })
  )
}
