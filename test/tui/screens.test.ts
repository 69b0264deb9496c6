/** The screens as they are drawn: every place, at sizes from the smallest to a large one, in Unicode and in plain ASCII. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import type { BossEventJson } from "../../src/domain/events/BossEvent.ts"
import { AttemptId } from "../../src/domain/Identifiers.ts"
import { renderToString } from "ink"
import { createElement } from "react"
import { Screen } from "../../src/tui/components/Screen.tsx"
import { lookOf } from "../../src/tui/look/Look.ts"
import { columnsOf } from "../../src/text/columns.ts"
import { type Page } from "../../src/tui/state/Data.ts"
import { placeOf, type State } from "../../src/tui/state/State.ts"
import {
  after,
  asTold,
  at,
  atJobs,
  attemptOf,
  begin,
  failedJob,
  jobId,
  jobOf,
  live,
  now,
  pageFor,
  pressAll,
  projectOf,
  runningJob,
  scheduleOf,
  standingOf,
  statsOf,
  typeOf,
  typeText,
  workerOf
} from "./samples.ts"

const longName = `video/${"transcode-with-a-very-long-name-".repeat(3)}x`

const sizes = [
  { columns: 40, rows: 12 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 36 },
  { columns: 200, rows: 60 }
]

const draw = (state: State): string =>
  renderToString(createElement(Screen, { state }), { columns: state.size.columns })

const told = DateTime.formatIso(at(now))

/** All that happens here is of a type with a long name. */
const happened: ReadonlyArray<BossEventJson> = [
  { event: "job.created", at: told, job: jobId(1), type: longName, project: null, runAt: told },
  {
    event: "job.unclaimed",
    at: told,
    job: jobId(1),
    type: longName,
    project: null,
    runAt: told,
    able: 0,
    atLeast: false,
    reason: "no worker is alive",
    nearest: null
  },
  {
    event: "attempt.lost",
    at: told,
    job: jobId(2),
    type: "thumbnail",
    project: null,
    worker: "render-7",
    attempt: jobId(9),
    attemptNumber: 2,
    reason: "the lease ran out\u001b[2J – 期限切れ"
  }
]

const events = (state: State): State => after(state, { kind: "events", now, events: happened.map(asTold) })

const jobs = [
  jobOf(1, { type: longName }),
  runningJob(2),
  failedJob(3),
  jobOf(4, { status: "scheduled", runAt: at(now + 90_000) })
]

const project = projectOf(5, "画像の変換 – 日本語プロジェクト 🎬")

const pages: Readonly<Record<string, Page>> = {
  workers: {
    kind: "workers",
    items: [
      workerOf("render-7"),
      workerOf(`mailer/${"instance-".repeat(8)}`, {
        quarantines: [{ type: longName, until: at(now + 60_000) }]
      }),
      workerOf("gone", { present: false }),
      workerOf("bad", { state: "banned", reason: "sends nonsense" })
    ],
    hasMore: false
  },
  worker: {
    kind: "worker",
    worker: workerOf(`mailer/${"instance-".repeat(8)}`, {
      running: [
        {
          job: jobId(2),
          attempt: AttemptId.make(jobId(9)),
          type: longName,
          startedAt: at(now - 30_000),
          leaseExpiresAt: at(now + 42_000)
        }
      ],
      quarantines: [{ type: longName, until: at(now + 60_000) }],
      reason: "looked at"
    }),
    jobs: [runningJob(2), failedJob(3)]
  },
  projects: {
    kind: "projects",
    projects: [project, projectOf(6, "not counted")],
    standings: new Map([[project.id, standingOf(project)]]),
    schedules: [scheduleOf("nightly-report")]
  },
  job: {
    kind: "job",
    job: runningJob(2),
    attempts: [
      attemptOf(1, { endedAt: at(now - 10_000), outcome: "failed", error: { message: "broken\nin two" } }),
      attemptOf(2)
    ],
    explanation: {
      job: jobId(2),
      type: "thumbnail",
      status: "processing",
      summary: "It is running.",
      reasons: [
        {
          code: "running",
          sentence: "It is running.",
          worker: "render-7",
          since: at(now),
          leaseExpiresAt: at(now)
        },
        { code: "type", sentence: "render-7 was the only one with a GPU.", type: "thumbnail" }
      ],
      constraints: [],
      workers: null,
      place: null,
      assignment: null
    },
    log: ["first line", "\u001b[31mred\u001b[0m and 日本語 🎬", "x".repeat(500), ""],
    forgotten: 0
  }
}

const with_ = (state: State, page: Page | undefined): State =>
  page === undefined ? state : after(state, pageFor(state, page))

const started = (size: State["size"], isUnicode: boolean, hasColors: boolean): State =>
  events(
    after(live({ ...begin({}, size), look: lookOf(isUnicode, hasColors) }), {
      kind: "stats",
      stats: statsOf(
        [typeOf(longName), typeOf("thumbnail", { paused: true, concurrency: 8 })],
        70,
        now + 1_000
      ),
      now
    })
  )

const at_ = (state: State, ...keys: ReadonlyArray<string>): State => pressAll(state, ...keys).state

const places: Readonly<Record<string, (state: State) => State>> = {
  "the overview": (state) => with_(at_(state, "1"), pages["workers"]),
  "the types": (state) => at_(state, "2"),
  "the jobs": (state) => atJobs(jobs, true, state),
  "the workers": (state) => with_(at_(state, "4"), pages["workers"]),
  "a worker": (state) => {
    const there = with_(at_(state, "4"), pages["workers"])
    return with_(at_(there, "j", "enter"), pages["worker"])
  },
  "a worker that is still read": (state) => at_(with_(at_(state, "4"), pages["workers"]), "enter"),
  "projects and schedules": (state) => with_(at_(state, "5"), pages["projects"]),
  "the events": (state) => at_(state, "6"),
  "a job": (state) => with_(at_(atJobs([runningJob(2)], false, state), "enter"), pages["job"]),
  "a job that is still read": (state) => at_(atJobs([runningJob(2)], false, state), "enter"),
  "jobs far inside": (state) => at_(state, "2", "enter"),
  "the help": (state) => at_(state, "?"),
  "the palette": (state) => at_(state, ":", "r"),
  "a filter": (state) => at_(atJobs(jobs, false, state), "/", ...typeText("日本語 type=nothing")),
  "a question": (state) => at_(atJobs(jobs, false, state), "space", "space", "c"),
  "a question about a long name": (state) => at_(atJobs(jobs, false, state), "c"),
  "what is stale": (state) =>
    after(state, { kind: "lost", problem: "no server answers", nextTryAt: now + 4_000 }),
  "what is frozen": (state) => events(at_(state, "6", "f")),
  "an empty list": (state) => atJobs([], false, state),
  "nothing heard yet": ({ look, size }) => ({ ...begin({}, size), look })
}

describe.each(sizes)("at $columns columns and $rows rows", (size) => {
  describe.each(Object.entries(places))("%s", (_, go) => {
    it.each([
      ["Unicode", true, true],
      ["Unicode without colours", true, false],
      ["ASCII", false, true]
    ])("fill the screen exactly, in %s", (_, isUnicode, hasColors) => {
      const state = go(started(size, isUnicode, hasColors))
      const lines = draw(state).split("\n")
      assert.strictEqual(lines.length, size.rows)
      for (const line of lines) {
        assert.isAtMost(columnsOf(line), size.columns, line)
        if (!isUnicode) assert.match(line, /^[\x20-\x7e]*$/)
      }
      // The way and the keys are there, whatever else is.
      assert.notStrictEqual(lines[2]?.trim(), "")
      assert.match(lines.at(-1) ?? "", /\?/)
    })
  })
})

describe("what is shown", () => {
  const wide = started({ columns: 200, rows: 60 }, true, true)

  it("names a state by a glyph and a word", () => {
    const text = draw(atJobs(jobs, false, wide))
    for (const state of ["○ pending", "▶ processing", "✗ failed", "◌ scheduled"]) assert.include(text, state)
    const workers = draw(places["the workers"]?.(wide) ?? wide)
    for (const state of ["● waiting", "○ gone", "○ banned"]) assert.include(workers, state)
    assert.include(workers, "sends nonsense")
  })

  it("has rates, depths, times and alerts in the overview", () => {
    const text = draw(places["the overview"]?.(wide) ?? wide)
    for (const part of [
      "13/s",
      "0.8%",
      "12ms",
      "140ms",
      "1,234",
      "98,765",
      "unclaimed",
      "lost",
      "quarantine"
    ]) {
      assert.include(text, part)
    }
    assert.match(text, /created .*█ 70\/s/)
  })

  it("has all of a job: why, its attempts, the lease's countdown, progress and log", () => {
    const text = draw(places["a job"]?.(wide) ?? wide)
    for (const part of [
      "▶ processing for 30s by render-7",
      "40%",
      "resizing 日本語 🎬",
      "It is running.",
      "the only one with a GPU",
      "memoryGb gte 8",
      "broken in two",
      "lease ends in 42s",
      "suited 0.83",
      "red and 日本語",
      "Log, following"
    ]) {
      assert.include(text, part)
    }
  })

  it("has all of a worker: what it can do, what it has done, and its attempts with their leases", () => {
    const text = draw(places["a worker"]?.(wide) ?? wide)
    for (const part of [
      "looked at",
      "kept from",
      "memoryGb=16 region=eu",
      "thumbnail: 40 done · 2 failed · 1 lost · typically 850ms",
      "▶ running",
      "in 42s",
      "40%",
      "✗ failed",
      "no such file"
    ]) {
      assert.include(text, part)
    }
  })

  it("keeps columns straight beside wide characters", () => {
    const lines = draw(places["projects and schedules"]?.(wide) ?? wide).split("\n")
    const column = (text: string) => {
      const line = lines.find((each) => each.includes(text)) ?? assert.fail(`no line with ${text}`)
      return columnsOf(line.slice(0, line.indexOf(text)))
    }
    assert.strictEqual(column("画像"), column("not counted"))
  })

  it("says which keys may be pressed, and none that may not", () => {
    const foot = (state: State) => draw(state).split("\n").at(-1) ?? ""
    assert.include(foot(atJobs(jobs, false, wide)), "R retry")
    const readOnly = { ...wide, access: { ...wide.access, isReadOnly: true } }
    assert.notMatch(foot(atJobs(jobs, false, readOnly)), /retry|cancel/)
    assert.include(draw(readOnly), "read-only")
    const client = { ...wide, access: { ...wide.access, role: "client" as const } }
    assert.notMatch(draw(atJobs(jobs, false, client)), /Workers|Overview/)
  })

  it("says how stale it is and how many updates it is behind", () => {
    const stale = after(
      wide,
      { kind: "lost", problem: "no server answers", nextTryAt: now + 16_000 },
      { kind: "ticked", now: now + 12_000 }
    )
    assert.include(draw(stale), "stale for 12s: no server answers, trying in 4s")
    assert.include(draw(places["what is frozen"]?.(wide) ?? wide), "frozen, 3 updates behind")
  })

  it("is nothing but a word about it in a terminal that is too small", () => {
    for (const size of [
      { columns: 39, rows: 24 },
      { columns: 80, rows: 11 }
    ]) {
      const text = draw({ ...wide, size }).replaceAll("\n", " ")
      assert.match(
        text,
        new RegExp(`${size.columns} columns and ${size.rows} rows; lazyboss top needs 40 and 12`)
      )
    }
  })

  it("shows the selected row wherever it is", () => {
    const many = Array.from({ length: 100 }, (_, n) => jobOf(n))
    const state = atJobs(many, false, started({ columns: 80, rows: 24 }, true, true))
    for (const keys of [["j"], ["pagedown"], ["G"], ["G", "pageup"]]) {
      const moved = at_(state, ...keys)
      const place = placeOf(moved)
      const selected = place.panes[0]?.selected ?? ""
      const line =
        draw(moved)
          .split("\n")
          .find((each) => each.startsWith("▌")) ?? assert.fail("nothing is selected")
      assert.include(line, selected.slice(-8))
    }
  })
})
