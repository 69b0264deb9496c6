import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Logger, type LogLevel, Option, References } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import { anyone } from "../../../src/domain/access/Caller.ts"
import type { NewEvent } from "../../../src/domain/events/BossEvent.ts"
import { decisionOf, type Fields, fieldsOf, layer } from "../../../src/domain/events/DecisionLog.ts"
import { EventFeed } from "../../../src/domain/events/EventFeed.ts"
import type { JobChange } from "../../../src/domain/jobs/JobChange.ts"
import type { ChangedJob } from "../../../src/domain/jobs/Job.ts"
import { DutiesLive } from "../../../src/server/Application.ts"
import { Projects } from "../../../src/domain/projects/Projects.ts"
import { Schedules } from "../../../src/domain/schedules/Schedules.ts"
import { Workers } from "../../../src/domain/workers/Workers.ts"
import { after, aJob, anAttempt } from "../support/records.ts"
import { anybody, claimNow, finish, holdingOf, pass, start, submit, world } from "../support/world.ts"

type Ending = Pick<Required<NonNullable<ChangedJob["attempt"]>>, "outcome">

/** A job of which the attempt ended after 20 s like this. */
const endedAs = (
  outcome: Ending["outcome"],
  status: ChangedJob["status"],
  details: Partial<ReturnType<typeof aJob>> = {}
) =>
  aJob({
    status,
    version: 3,
    attempt: anAttempt({ outcome, endedAt: after(20_000), endedVersion: 3 }),
    ...details
  })

const unpicked = anAttempt({
  outcome: "lost",
  endedAt: after(20_000),
  endedVersion: 2,
  pickupBy: after(20_000)
})
const waiting = aJob({ status: "pending", attempt: null })

describe("a line of the log", () => {
  const cases: ReadonlyArray<[string, JobChange, ChangedJob, Fields]> = [
    ["Debug: job created", "created", waiting, { status: "pending" }],
    ["Debug: job due", "promoted", aJob({ status: "pending" }), { attempt: null, worker: null }],
    ["Debug: job assigned", "assigned", aJob(), { worker: "worker", attemptNumber: 1, outcome: null }],
    ["Debug: job done", "ended", endedAs("done", "done"), { outcome: "done" }],
    ["Debug: attempt released", "ended", endedAs("released", "pending"), { outcome: "released" }],
    [
      "Debug: attempt failed, job to be tried again",
      "ended",
      endedAs("failed", "scheduled", { failures: 1, runAt: after(30_000) }),
      { failures: 1, losses: null, runAt: "1970-01-01T00:00:30.000Z" }
    ],
    [
      "Warn: job failed for good",
      "ended",
      endedAs("failed", "failed", { failures: 5, losses: 2 }),
      { outcome: "failed", failures: 5, losses: 2, reason: null }
    ],
    [
      "Warn: job failed for good",
      "ended",
      endedAs("lost", "failed", { losses: 5 }),
      { outcome: "lost", reason: "lease", losses: 5 }
    ],
    ["Warn: attempt lost", "ended", endedAs("lost", "pending"), { reason: "lease" }],
    ["Warn: attempt lost", "ended", aJob({ status: "pending", attempt: unpicked }), { reason: "pickup" }],
    ["Warn: attempt timed out", "ended", endedAs("timed-out", "scheduled"), { reason: "maxRun" }],
    ["Info: job cancelled", "ended", endedAs("cancelled", "cancelled"), { reason: "cancelGrace" }],
    ["Info: job cancelled", "ended", endedAs("failed", "cancelled"), { reason: null }],
    ["Info: job cancelled", "cancelled", aJob({ status: "cancelled", attempt: null }), { attempt: null }],
    ["Info: job is being cancelled", "cancelled", aJob(), { status: "processing", worker: "worker" }],
    [
      "Info: job cancelled",
      "cancelled",
      endedAs("lost", "cancelled", { version: 4 }),
      { worker: null, reason: null }
    ],
    [
      "Info: job retried by hand",
      "retried",
      endedAs("timed-out", "pending", { version: 4 }),
      { worker: null, reason: null }
    ],
    ["Warn: job expired", "expired", aJob({ status: "failed", attempt: null }), { reason: "expiresIn" }],
    [
      "Warn: job expired",
      "expired",
      endedAs("timed-out", "failed", { finishedAt: after(20_000), version: 4 }),
      { outcome: null, worker: null }
    ],
    ["Debug: attempt begun", "started", aJob(), { worker: "worker" }],
    ["Info: job changed by hand", "amended", waiting, { worker: null }],
    ["Debug: constraints of the job relaxed", "relaxed", waiting, { worker: null }],
    ["Warn: job unclaimed", "unclaimed", waiting, { worker: null }],
    [
      "Warn: job expired",
      "expired",
      endedAs("timed-out", "failed", { finishedAt: after(20_000) }),
      { reason: "expiresIn", outcome: "timed-out" }
    ]
  ]
  it.each(cases)("%s, of a job that was %s", (line, change, job, expected) => {
    const { level, message } = decisionOf(change, job)
    assert.strictEqual(`${level}: ${message}`, line)
    const fields = fieldsOf(change, job)
    for (const [name, value] of Object.entries({ job: job.id, type: "type", ...expected })) {
      assert.strictEqual(fields[name] ?? null, value, name)
    }
  })
})

/** The lines that `story` leaves in the log at a level, with the worker that each names. */
const linesAt = <E>(
  level: LogLevel.LogLevel,
  story: Effect.Effect<unknown, E, Boss | EventFeed | Projects | Schedules | Workers>,
  inWorld = world()
) => {
  const lines: Array<string> = []
  const capture = Logger.make(({ fiber, logLevel, message }) => {
    const { worker = "nobody" } = fiber.getRef(References.CurrentLogAnnotations)
    lines.push(`${logLevel}: ${String(message)} (${String(worker)})`)
  })
  return Effect.as(story, lines).pipe(
    Effect.provide(
      Layer.provideMerge(Layer.merge(DutiesLive, layer), inWorld).pipe(
        Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, level)),
        Layer.provideMerge(Logger.layer([capture]))
      )
    )
  )
}

/** Jobs are created, given away, lost, done and cancelled. */
const everyday = Effect.gen(function* () {
  const boss = yield* Boss
  yield* start({ type: "a", lease: Duration.seconds(1) })
  yield* pass("1 second")
  const [again] = yield* claimNow({ types: ["a"], worker: "another" })
  if (again === undefined) return assert.fail("there is no job")
  yield* finish(again)
  yield* submit({ type: "b" })
  const { job } = yield* start({ type: "c" })
  yield* boss.cancel(job.id, anyone(Option.some("supervisor")), null)
})

it("of the log says who asked for it", () => {
  assert.strictEqual(fieldsOf("retried", waiting, "supervisor")["by"], "supervisor")
  const cancelled = aJob({ status: "cancelled", cancelRequest: { by: "client", reason: "not needed" } })
  assert.strictEqual(fieldsOf("cancelled", cancelled)["by"], "client")
})

describe("the log of decisions", () => {
  it.effect("tells only what went wrong at the level of warnings", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesAt("Warn", everyday), ["Warn: attempt lost (worker)"])
    })
  )

  it.effect("tells the supervisor's decisions at the usual level", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesAt("Info", everyday), [
        "Warn: attempt lost (worker)",
        "Info: job is being cancelled (worker)"
      ])
    })
  )

  it.effect("tells everything for debugging", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesAt("Debug", everyday), [
        "Debug: job created (nobody)",
        "Debug: job assigned (worker)",
        "Warn: attempt lost (worker)",
        "Debug: job assigned (another)",
        "Debug: job done (another)",
        "Debug: job created (nobody)",
        "Debug: job created (nobody)",
        "Debug: job assigned (worker)",
        "Info: job is being cancelled (worker)",
        // Written down when the server stops, if not before.
        "Debug: worker seen (worker)",
        "Debug: worker seen (another)"
      ])
    })
  )

  it.effect("tells of a report that came too late", () =>
    Effect.gen(function* () {
      const late = Effect.gen(function* () {
        const boss = yield* Boss
        const claimed = yield* start({ type: "a", lease: Duration.seconds(1) })
        yield* pass("1 second")
        yield* Effect.flip(finish(claimed))
        yield* Effect.flip(boss.heartbeat(holdingOf(claimed)))
      })
      assert.deepStrictEqual(yield* linesAt("Info", late), [
        "Warn: attempt lost (worker)",
        "Info: report refused, for the attempt was over (worker)",
        "Info: report refused, for the attempt was over (worker)"
      ])
    })
  )

  it.effect("tells of a job whose worker had gone before it was told", () =>
    Effect.gen(function* () {
      const gone = Effect.gen(function* () {
        const boss = yield* Boss
        yield* boss.giveBack([yield* start({ type: "a" })])
      })
      assert.deepStrictEqual(yield* linesAt("Info", gone), [
        "Info: attempt given back, for its caller had gone (worker)"
      ])
    })
  )

  it.effect("tells of a job that its worker was kept from while it was being claimed", () =>
    Effect.gen(function* () {
      let duringClaim: Effect.Effect<unknown> = Effect.void
      const inWorld = world({
        change: (repo) => ({
          claim: (claim) => Effect.tap(repo.claim(claim), () => Effect.suspend(() => duringClaim))
        })
      })
      const paused = Effect.gen(function* () {
        const workers = yield* Workers
        duringClaim = workers.change({ worker: "worker", state: "paused", reason: null, by: null })
        yield* submit({ type: "a" })
        assert.deepStrictEqual(yield* claimNow(), [])
      })
      assert.include(
        yield* linesAt("Info", paused, inWorld),
        "Info: attempt given back, for its worker may not have it any more (worker)"
      )
    })
  )

  it.effect("tells nothing of it at the level of errors", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* linesAt("Error", everyday), [])
    })
  )
})

describe("what somebody wants of projects and schedules", () => {
  it.effect("is logged if it changes something", () =>
    Effect.gen(function* () {
      const story = Effect.gen(function* () {
        const projects = yield* Projects
        const { counted } = yield* projects.create({ name: "p" }, anybody, Option.none())
        const { id } = counted.project
        yield* submit({ type: "a", project: id })
        yield* projects.close(id, anybody)
        yield* projects.close(id, anybody)
        yield* projects.cancel(id, anybody, "why")
        const schedules = yield* Schedules
        yield* schedules.put("s", { cron: "0 0 1 1 *", job: { type: "a" }, overlap: "skip" }, anybody)
        yield* Effect.flip(schedules.remove("another", anybody))
        yield* schedules.run("s", anybody)
        yield* Effect.flip(schedules.run("s", anybody))
        yield* schedules.remove("s", anybody)
      })
      assert.deepStrictEqual(
        (yield* linesAt("Debug", story)).filter((line) => /: (project|schedule)/.test(line)),
        [
          "Debug: project created (nobody)",
          "Info: project closed (nobody)",
          "Info: project to be cancelled (nobody)",
          "Info: schedule set (nobody)",
          "Info: schedule run by hand (nobody)",
          "Debug: schedule fired (nobody)",
          "Info: schedule deleted (nobody)"
        ]
      )
    })
  )
})

describe("an event that is not about a job", () => {
  it.effect.each<readonly [string, NewEvent]>([
    ["Info: worker gone (w)", { event: "worker.gone", worker: "w" }],
    ["Info: worker's state set (w)", { event: "worker.state", worker: "w", state: "banned" }],
    ["Warn: worker quarantined (w)", { event: "worker.quarantined", worker: "w", type: "a" }],
    ["Info: policy changed (nobody)", { event: "policy.changed", type: "a", fields: ["lease"], by: null }],
    ["Info: type paused or resumed (nobody)", { event: "type.paused", type: "a", paused: true, by: "ann" }]
  ])("is logged as %s when it is told", ([line, event]) =>
    Effect.gen(function* () {
      const story = Effect.flatMap(EventFeed, (feed) => feed.tell(event))
      assert.deepStrictEqual(yield* linesAt("Info", story), [line])
    })
  )
})
