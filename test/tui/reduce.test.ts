/** What the dashboard makes of what it is told. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import type { BossEventJson } from "../../src/domain/events/BossEvent.ts"
import { mostEvents, mostLogLines, mostSamples } from "../../src/tui/state/Data.ts"
import { isStale, shownData } from "../../src/tui/state/State.ts"
import {
  after,
  asTold,
  at,
  atJobs,
  begin,
  jobId,
  jobOf,
  jobsPage,
  live,
  now,
  pageFor,
  pressAll,
  runningJob,
  selectedOf,
  statsOf,
  typeOf
} from "./samples.ts"

const told = DateTime.formatIso(at(now))

const ofJob = (n: number, type: string) => ({ at: told, job: jobId(n), type, project: null })

const created = (n: number, type = "thumbnail"): BossEventJson => ({
  ...ofJob(n, type),
  event: "job.created",
  runAt: told
})

const unclaimed = (n: number, type = "thumbnail"): BossEventJson => ({
  ...ofJob(n, type),
  event: "job.unclaimed",
  runAt: told,
  able: 0,
  atLeast: false,
  reason: "no worker is alive",
  nearest: null
})

const ofAttempt = { worker: "render-7", attempt: jobId(99), attemptNumber: 1 }

const assigned = (n: number, type = "thumbnail"): BossEventJson => ({
  ...ofJob(n, type),
  ...ofAttempt,
  event: "job.assigned"
})

const lost = (n: number): BossEventJson => ({
  ...ofJob(n, "thumbnail"),
  ...ofAttempt,
  event: "attempt.lost",
  reason: "the lease ran out"
})

describe("stats", () => {
  it("are sampled by what was added to the totals from one to the next, for five minutes", () => {
    let state = begin()
    for (let second = 0; second <= mostSamples + 5; second++) {
      const stats = statsOf([], second * 7, now + second * 1_000)
      state = after(state, { kind: "stats", stats, now: now + second * 1_000 })
    }
    const { samples } = shownData(state)
    assert.strictEqual(samples.length, mostSamples)
    assert.isTrue(samples.every((sample) => sample.created === 7))
  })

  it("are not sampled from one snapshot, nor from the same one again", () => {
    const stats = statsOf([], 100)
    const state = after(begin(), { kind: "stats", stats, now }, { kind: "stats", stats, now })
    assert.deepStrictEqual(shownData(state).samples, [])
  })
})

describe("events", () => {
  it("are kept up to a number, each with one of its own", () => {
    const heard = Array.from({ length: mostEvents + 10 }, (_, place) => created(place))
    const state = after(
      begin(),
      { kind: "events", events: heard.slice(0, 600).map(asTold), now },
      { kind: "events", events: heard.slice(600).map(asTold), now }
    )
    const { events } = shownData(state)
    assert.strictEqual(events.length, mostEvents)
    assert.deepStrictEqual([events[0]?.number, events.at(-1)?.number], [11, mostEvents + 10])
  })

  it("alert of unclaimed jobs by type, until each is claimed", () => {
    const alerted = after(begin(), {
      kind: "events",
      events: [unclaimed(1), unclaimed(2), unclaimed(3, "video"), created(4)].map(asTold),
      now
    })
    assert.deepStrictEqual(
      shownData(alerted).alerts.map(({ jobs, key }) => [key, jobs.size]),
      [
        ["unclaimed thumbnail", 2],
        ["unclaimed video", 1]
      ]
    )
    const one = after(alerted, {
      kind: "events",
      events: [assigned(1), assigned(3, "video")].map(asTold),
      now
    })
    assert.deepStrictEqual(
      shownData(one).alerts.map(({ jobs, key }) => [key, jobs.size]),
      [["unclaimed thumbnail", 1]]
    )
    assert.deepStrictEqual(
      shownData(after(one, { kind: "events", events: [assigned(2)].map(asTold), now })).alerts,
      []
    )
  })

  it("alert of lost workers for a while", () => {
    const alerted = after(begin(), { kind: "events", events: [lost(1), lost(2)].map(asTold), now })
    assert.deepStrictEqual(
      shownData(alerted).alerts.map(({ jobs, key }) => [key, jobs.size]),
      [["lost render-7", 2]]
    )
    assert.strictEqual(shownData(after(alerted, { kind: "ticked", now: now + 599_000 })).alerts.length, 1)
    assert.strictEqual(shownData(after(alerted, { kind: "ticked", now: now + 601_000 })).alerts.length, 0)
  })
})

describe("staleness", () => {
  it("begins when nothing is heard for a while, or the connection is lost, and ends with the next word", () => {
    assert.isTrue(isStale(begin()))
    const state = live()
    assert.isFalse(isStale(state))
    assert.isFalse(isStale(after(state, { kind: "ticked", now: now + 5_000 })))
    assert.isTrue(isStale(after(state, { kind: "ticked", now: now + 5_001 })))
    const away = after(state, { kind: "lost", problem: "no server answers", nextTryAt: now + 300 })
    assert.isTrue(isStale(away))
    assert.isFalse(isStale(after(away, { kind: "events", events: [created(1)].map(asTold), now })))
  })
})

describe("the selection", () => {
  it("stays on its job when rows come before it and when they are sorted otherwise", () => {
    const jobs = [1, 2, 3, 4].map((n) => jobOf(n))
    const state = pressAll(atJobs(jobs), "j", "j").state
    assert.strictEqual(selectedOf(state), jobId(3))
    const moved = after(state, pageFor(state, jobsPage([jobOf(9), jobOf(8), ...jobs])))
    assert.strictEqual(selectedOf(moved), jobId(3))
    assert.strictEqual(selectedOf(pressAll(moved, "right", "r").state), jobId(3))
  })

  it("goes to the row that takes its place when its own is gone", () => {
    const state = pressAll(atJobs([1, 2, 3].map((n) => jobOf(n))), "j").state
    assert.strictEqual(selectedOf(after(state, pageFor(state, jobsPage([jobOf(1), jobOf(3)])))), jobId(3))
    assert.strictEqual(selectedOf(after(state, pageFor(state, jobsPage([jobOf(1)])))), jobId(1))
  })

  it("is the first row from the moment that there is one, and not whichever comes first later", () => {
    const state = atJobs([jobOf(1)])
    assert.strictEqual(selectedOf(after(state, pageFor(state, jobsPage([jobOf(2), jobOf(1)])))), jobId(1))
  })

  it("follows the newest event as long as none is chosen", () => {
    const heard = (state: ReturnType<typeof begin>, n: number) =>
      after(state, { kind: "events", events: [created(n)].map(asTold), now })
    const following = heard(heard(pressAll(live(), "6").state, 1), 2)
    assert.isNull(selectedOf(following))
    const chosen = pressAll(following, "j").state
    assert.strictEqual(selectedOf(chosen), "1")
    assert.strictEqual(selectedOf(heard(chosen, 3)), "1")
    assert.isNull(selectedOf(pressAll(chosen, "g").state))
  })
})

describe("marks", () => {
  it("are forgotten with the rows that are gone", () => {
    const state = pressAll(atJobs([1, 2, 3].map((n) => jobOf(n))), "space", "space").state
    const without = after(state, pageFor(state, jobsPage([jobOf(2), jobOf(3)])))
    assert.deepStrictEqual([...(without.roots.jobs.panes[0]?.marks ?? [])], [jobId(2)])
  })
})

describe("pages", () => {
  it("that were asked for at another place are not shown", () => {
    const jobs = pressAll(live(), "3").state
    const late = pageFor(jobs, jobsPage([jobOf(1)]))
    const workers = pressAll(jobs, "4").state
    assert.isNull(shownData(after(workers, late)).page)
  })

  it("that cannot be read leave what was read before, and say why", () => {
    const state = atJobs([jobOf(1)])
    const { key } = { key: "", ...pageFor(state, jobsPage([])) }
    const failed = after(state, { kind: "pageFailed", key, problem: "the server answers 503" })
    assert.strictEqual(shownData(failed).page, shownData(state).page)
    assert.strictEqual(shownData(failed).pageProblem, "the server answers 503")
  })
})

describe("a job that is looked at", () => {
  const opened = pressAll(atJobs([runningJob(1)]), "enter").state
  const { key } = { key: "", ...pageFor(opened, jobsPage([])) }
  const news = (state: typeof opened, ...texts: ReadonlyArray<string>) =>
    after(state, { kind: "jobNews", key, news: texts.map((text) => ({ kind: "log", text })), now })
  const logOf = (state: typeof opened) => {
    const { page } = shownData(state)
    return page?.kind === "job" ? page : assert.fail("no job is shown")
  }

  it("has its log put together from pieces of lines", () => {
    const state = news(news(opened, "one\ntw", "o\r\nthr"), "ee\n")
    assert.deepStrictEqual(logOf(state).log, ["one", "two", "three", ""])
  })

  it("has no more lines than are kept, and says how many were forgotten", () => {
    const state = news(opened, "line\n".repeat(mostLogLines + 50))
    assert.deepStrictEqual([logOf(state).log.length, logOf(state).forgotten], [mostLogLines, 51])
  })

  it("goes on by what its worker tells", () => {
    const state = after(opened, {
      kind: "jobNews",
      key,
      news: [
        { kind: "job", job: runningJob(1) },
        { kind: "percent", percent: 55 },
        { kind: "message", message: "nearly" }
      ],
      now
    })
    assert.deepStrictEqual(logOf(state).job?.progress, { percent: 55, message: "nearly" })
  })
})

describe("what is frozen", () => {
  it("does not move, counts what it misses, and catches up", () => {
    const frozen = pressAll(atJobs([jobOf(1)]), "f").state
    const missed = after(
      frozen,
      { kind: "events", events: [created(2), created(3)].map(asTold), now },
      pageFor(frozen, jobsPage([jobOf(3), jobOf(2), jobOf(1)])),
      { kind: "stats", stats: statsOf([typeOf("other")]), now }
    )
    assert.strictEqual(shownData(missed), shownData(frozen))
    assert.strictEqual(missed.frozen?.behind, 3)
    const { page } = shownData(pressAll(missed, "f").state)
    assert.strictEqual(page?.kind === "jobs" ? page.items.length : 0, 3)
  })
})
