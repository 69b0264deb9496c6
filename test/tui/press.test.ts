/** What the keys do. */
import { assert, describe, it } from "@effect/vitest"
import { AttemptId } from "../../src/domain/Identifiers.ts"
import { questionOf } from "../../src/tui/keys/wordings.ts"
import { mostJobs } from "../../src/tui/state/Data.ts"
import { isStale, paneIn, placeOf, shownData, type State, wishOf } from "../../src/tui/state/State.ts"
import {
  after,
  at,
  atJobs,
  begin,
  failedJob,
  jobId,
  jobOf,
  jobsPage,
  live,
  now,
  pageFor,
  pressAll,
  projectOf,
  runningJob,
  scheduleOf,
  selectedOf,
  standingOf,
  statsOf,
  typeOf,
  typeText,
  workerOf
} from "./samples.ts"

const many = Array.from({ length: 100 }, (_, place) => jobOf(place))

const questionIn = ({ prompt }: State): string =>
  prompt?.kind === "confirm"
    ? questionOf(prompt.change)
    : assert.fail(`nothing is asked, but ${prompt?.kind}`)

const marksIn = (state: State) => [...paneIn(placeOf(state)).marks]

describe("moving", () => {
  it("goes by rows, by pages and to the ends, and not beyond", () => {
    const state = atJobs(many)
    const position = (...keys: ReadonlyArray<string>) =>
      paneIn(placeOf(pressAll(state, ...keys).state)).position
    assert.strictEqual(position("j", "down"), 2)
    assert.strictEqual(position("j", "j", "k", "up", "k"), 0)
    // The body of a terminal of 36 rows, without its head, its foot and the titles.
    assert.strictEqual(position("pagedown"), 29)
    assert.strictEqual(position("pagedown", "pageup"), 0)
    assert.strictEqual(position("G"), 99)
    assert.strictEqual(position("G", "j", "home"), 0)
  })

  it("wants more jobs at the end of those that were read, up to a number", () => {
    const limitOf = (state: State) => {
      const wish = wishOf(state)
      return wish.kind === "jobs" ? wish.limit : assert.fail("no jobs are wanted")
    }
    const more = pressAll(atJobs(many, true), "G").state
    assert.strictEqual(limitOf(more), 200)
    assert.strictEqual(limitOf(pressAll(atJobs(many, false), "G").state), 100)
    let state = more
    for (let page = 0; page < 20; page++) {
      const items = Array.from({ length: limitOf(state) }, (_, place) => jobOf(place))
      state = pressAll(after(state, pageFor(state, jobsPage(items, true))), "G").state
    }
    assert.strictEqual(limitOf(state), mostJobs)
  })

  it("does nothing in an empty list", () => {
    const { orders, state } = pressAll(atJobs([]), "j", "G", "enter", "space", "v", "y", "c")
    assert.deepStrictEqual(orders, [])
    assert.strictEqual(placeOf(state).kind, "jobs")
  })
})

describe("going in and back", () => {
  it("leads from a type to its jobs, to one of them, and back to where one was", () => {
    const types = pressAll(live(), "2", "j").state
    const jobs = pressAll(types, "enter").state
    assert.strictEqual(paneIn(placeOf(jobs)).filter, "type=video.transcode")
    assert.deepStrictEqual(wishOf(jobs), {
      kind: "jobs",
      conditions: { type: "video.transcode" },
      limit: 100
    })
    const job = pressAll(
      after(jobs, pageFor(jobs, jobsPage([jobOf(7, { type: "video.transcode" })]))),
      "enter"
    ).state
    assert.deepStrictEqual(wishOf(job), { kind: "job", id: jobId(7) })
    const back = pressAll(job, "escape", "escape").state
    assert.strictEqual(placeOf(back).kind, "types")
    assert.strictEqual(selectedOf(back), "video.transcode")
  })

  it("leads from a worker to its attempts, and from a project and a schedule to their jobs", () => {
    const workers = pressAll(live(), "4").state
    const worker = after(
      workers,
      pageFor(workers, { kind: "workers", items: [workerOf("render-7")], hasMore: false })
    )
    assert.deepStrictEqual(wishOf(pressAll(worker, "enter").state), { kind: "worker", name: "render-7" })

    const place = pressAll(live(), "5").state
    const project = projectOf(5, "Import")
    const projects = after(
      place,
      pageFor(place, {
        kind: "projects",
        projects: [project],
        standings: new Map([[project.id, standingOf(project)]]),
        schedules: [scheduleOf("nightly")]
      })
    )
    assert.deepStrictEqual(wishOf(pressAll(projects, "enter").state), {
      kind: "jobs",
      conditions: { project: project.id },
      limit: 100
    })
    assert.strictEqual(
      paneIn(placeOf(pressAll(projects, "tab", "enter").state)).filter,
      "type=report schedule=nightly"
    )
  })

  it("keeps each view as it was left, and begins at its top", () => {
    const state = pressAll(live(), "2", "j", "enter", "3", "2").state
    assert.strictEqual(placeOf(state).kind, "types")
    assert.strictEqual(selectedOf(state), "video.transcode")
  })
})

describe("deciding", () => {
  const jobs = atJobs([failedJob(1), failedJob(2), jobOf(3), runningJob(4)])

  it("asks first, names the one that it is about, and does it only when told y", () => {
    const asked = pressAll(jobs, "R")
    assert.deepStrictEqual(asked.orders, [])
    assert.strictEqual(questionIn(asked.state), `Retry job ${jobId(1)} (thumbnail), with fresh attempts?`)
    for (const key of ["n", "escape"]) {
      const refused = pressAll(asked.state, key)
      assert.deepStrictEqual([refused.orders, refused.state.prompt], [[], null])
    }
    for (const key of ["enter", "space", "q", "j"]) {
      assert.deepStrictEqual(pressAll(asked.state, key), { state: asked.state, orders: [] })
    }
    const [order] = pressAll(asked.state, "y").orders
    assert.deepStrictEqual(order, {
      kind: "change",
      change: {
        kind: "chosen",
        verb: "retry",
        targets: [{ kind: "job", id: jobId(1), type: "thumbnail", status: "failed", priority: 0 }],
        leftOut: 0
      }
    })
  })

  it("names the exact number of many, and how many of the chosen it is not for", () => {
    const marked = pressAll(jobs, "space", "space", "space", "space").state
    assert.strictEqual(
      questionIn(pressAll(marked, "R").state),
      "Retry 2 jobs, with fresh attempts? 2 of the 4 chosen cannot be, and stay as they are."
    )
    assert.strictEqual(
      questionIn(pressAll(marked, "c").state),
      "Cancel 2 jobs, 1 of which are running? 2 of the 4 chosen cannot be, and stay as they are."
    )
    const done = pressAll(marked, "R", "y")
    assert.strictEqual(done.orders.length, 1)
    assert.deepStrictEqual(marksIn(done.state), [])
  })

  it("means a range from its beginning to where one is, either way, while it is being marked and afterwards", () => {
    const range = pressAll(jobs, "j", "j", "v", "k").state
    assert.include(questionIn(pressAll(range, "R").state), "Retry job")
    assert.include(questionIn(pressAll(range, "k", "R").state), "Retry 2 jobs")
    const marked = pressAll(range, "k", "v", "G").state
    assert.deepStrictEqual(marksIn(marked).toSorted(), [jobId(1), jobId(2), jobId(3)])
    assert.deepStrictEqual(marksIn(pressAll(marked, "escape").state), [])
  })

  it("is about what was chosen when it was asked, whatever has come since", () => {
    const asked = pressAll(jobs, "R").state
    const moved = after(asked, pageFor(asked, jobsPage([failedJob(9), failedJob(2)])))
    const [order] = pressAll(moved, "y").orders
    const change = order?.kind === "change" ? order.change : undefined
    const target = change?.kind === "chosen" ? change.targets[0] : undefined
    assert.strictEqual(target?.kind === "job" ? target.id : undefined, jobId(1))
  })

  it("says why there is nothing to decide", () => {
    const { orders, state } = pressAll(jobs, "j", "j", "R")
    assert.deepStrictEqual([orders, state.prompt], [[], null])
    assert.strictEqual(state.notice?.text, "Only failed or cancelled jobs can be retried.")
  })

  it("pauses what goes on, and lets go on what is paused", () => {
    const types = after(live(), {
      kind: "stats",
      stats: statsOf([typeOf("a"), typeOf("b", { paused: true })]),
      now
    })
    assert.strictEqual(questionIn(pressAll(types, "2", "p").state), "Pause type a, letting what runs go on?")
    assert.strictEqual(questionIn(pressAll(types, "2", "G", "p").state), "Let type b go on?")
    const place = pressAll(live(), "4").state
    const items = [workerOf("w1"), workerOf("w2", { state: "banned" })]
    const workers = after(place, pageFor(place, { kind: "workers", items, hasMore: false }))
    assert.strictEqual(
      questionIn(pressAll(workers, "b").state),
      "Ban worker w1, taking away at once what is held?"
    )
    assert.strictEqual(questionIn(pressAll(workers, "G", "b").state), "Lift the ban on worker w2?")
    assert.strictEqual(
      pressAll(workers, "G", "p").state.notice?.text,
      "Only types, schedules and workers that are not banned can be paused."
    )
  })

  it("is not possible while the server is away", () => {
    const away = after(jobs, { kind: "lost", problem: "no server answers", nextTryAt: now })
    assert.isTrue(isStale(away))
    for (const key of ["R", "c", "+", "-"]) {
      const { orders, state } = pressAll(away, key)
      assert.deepStrictEqual([orders, state.prompt], [[], null])
      assert.include(state.notice?.text ?? "", "away")
    }
    // A question that was asked before is not answered then, either.
    const asked = pressAll(jobs, "R").state
    const { orders } = pressAll(after(asked, { kind: "lost", problem: "gone", nextTryAt: now }), "y")
    assert.deepStrictEqual(orders, [])
  })

  it("is nothing that a reader could do, or a client about types and workers", () => {
    const readOnly = atJobs([failedJob(1)], false, live(begin({ isReadOnly: true })))
    const { orders, state } = pressAll(readOnly, "R", "y", "c", "y")
    assert.strictEqual(state.prompt, null)
    assert.isTrue(orders.every(({ kind }) => kind === "copy"))
    const client = begin({ role: "client" })
    assert.strictEqual(placeOf(client).kind, "jobs")
    for (const key of ["1", "2", "4", "6"])
      assert.strictEqual(placeOf(pressAll(client, key).state).kind, "jobs")
  })
})

describe("deciding about projects and schedules", () => {
  const place = pressAll(live(), "5").state
  const open = projectOf(1, "Import")
  const finished = { ...projectOf(2, "Export"), status: "finished" as const }
  const state = after(
    place,
    pageFor(place, {
      kind: "projects",
      projects: [open, finished],
      standings: new Map(),
      schedules: [scheduleOf("hourly"), { ...scheduleOf("nightly"), paused: true }]
    })
  )

  it("closes and cancels projects that are not finished", () => {
    assert.strictEqual(
      questionIn(pressAll(state, "x").state),
      "Close project Import, for good: no more jobs?"
    )
    assert.strictEqual(
      questionIn(pressAll(state, "c").state),
      "Cancel project Import, with all jobs that are not finished?"
    )
    assert.strictEqual(pressAll(state, "j", "x").state.notice?.text, "Only open projects can be closed.")
    assert.strictEqual(
      pressAll(state, "j", "c").state.notice?.text,
      "Only what is not finished can be cancelled."
    )
    const both = pressAll(state, "space", "space", "c").state
    assert.include(questionIn(both), "1 of the 2 chosen cannot be")
  })

  it("pauses schedules, lets them go on, and runs them", () => {
    const schedules = pressAll(state, "tab").state
    assert.strictEqual(questionIn(pressAll(schedules, "p").state), "Pause schedule hourly?")
    assert.strictEqual(questionIn(pressAll(schedules, "j", "p").state), "Let schedule nightly go on?")
    assert.strictEqual(
      questionIn(pressAll(schedules, "n").state),
      "Run schedule hourly now, beside the ticks?"
    )
    assert.strictEqual(pressAll(state, "n").state.notice?.text, "Only schedules can be run.")
  })
})

describe("deciding about all that fit", () => {
  const filtered = (filter: string) =>
    pressAll(atJobs([failedJob(1)]), "/", ...typeText(filter), "enter").state

  it("has them counted first, and asks with their number", () => {
    const { orders, state } = pressAll(filtered("type=thumbnail"), "ctrl+r")
    const filter = { type: "thumbnail" }
    assert.deepStrictEqual(orders, [{ kind: "count", verb: "retry", filter }])
    assert.isNull(state.prompt)
    const counted = after(state, { kind: "counted", verb: "retry", filter, matched: 12_345 })
    assert.strictEqual(
      questionIn(counted),
      "Retry all 12,345 failed jobs with type=thumbnail, with fresh attempts?"
    )
    assert.deepStrictEqual(pressAll(counted, "y").orders, [
      { kind: "change", change: { kind: "fitting", verb: "retry", filter, matched: 12_345 } }
    ])
    const none = after(state, { kind: "counted", verb: "retry", filter, matched: 0 })
    assert.deepStrictEqual(
      [none.prompt, none.notice?.text],
      [null, "Only failed or cancelled jobs can be retried."]
    )
  })

  it("means the status of the tab, and all of them without a filter", () => {
    const pending = pressAll(atJobs([jobOf(1)]), "]", "]", "ctrl+x")
    const filter = { status: "pending" as const }
    assert.deepStrictEqual(pending.orders, [{ kind: "count", verb: "cancel", filter }])
    const one = after(pending.state, { kind: "counted", verb: "cancel", filter, matched: 1 })
    assert.strictEqual(questionIn(one), "Cancel the one pending job, stopping those that run?")
    assert.deepStrictEqual(pressAll(atJobs([]), "ctrl+x").orders, [
      { kind: "count", verb: "cancel", filter: {} }
    ])
  })

  it("is refused where the server would mean others than are shown", () => {
    for (const filter of ["word", "!type=a", "type=a*", "type=a type=b", "age=5s"]) {
      const { orders, state } = pressAll(filtered(filter), "ctrl+x")
      assert.deepStrictEqual(orders, [], filter)
      assert.include(state.notice?.text ?? "", "this program's alone")
    }
    assert.deepStrictEqual(pressAll(filtered("status=failed"), "]", "]", "ctrl+x").orders, [])
  })

  it("is forgotten by whoever has gone elsewhere, or asks something else", () => {
    const asked = pressAll(filtered("type=thumbnail"), "ctrl+r").state
    const counted = { kind: "counted", verb: "retry", filter: { type: "thumbnail" }, matched: 5 } as const
    assert.isNull(after(pressAll(asked, "2").state, counted).prompt)
    assert.isNull(after(pressAll(asked, "escape").state, counted).prompt)
    assert.strictEqual(after(pressAll(asked, ":").state, counted).prompt?.kind, "palette")
  })
})

describe("at a worker's", () => {
  const workers = pressAll(live(), "4").state
  const worker = workerOf("render-7", {
    running: [
      {
        job: jobId(4),
        attempt: AttemptId.make("01900000-0000-7000-8000-000000009001"),
        type: "thumbnail",
        startedAt: at(now - 30_000),
        leaseExpiresAt: at(now + 30_000)
      }
    ]
  })
  const listed = after(workers, pageFor(workers, { kind: "workers", items: [worker], hasMore: false }))
  const opened = pressAll(listed, "enter").state
  const state = after(
    opened,
    pageFor(opened, { kind: "worker", worker, jobs: [runningJob(4), failedJob(3)] })
  )

  it("its attempts are chosen, and pausing and banning are about the worker", () => {
    assert.strictEqual(
      questionIn(pressAll(state, "c").state),
      `Cancel job ${jobId(4)} (thumbnail), telling its worker to stop?`
    )
    assert.include(questionIn(pressAll(state, "j", "R").state), `Retry job ${jobId(3)}`)
    assert.include(questionIn(pressAll(state, "p").state), "Pause worker render-7")
    assert.include(questionIn(pressAll(state, "j", "b").state), "Ban worker render-7")
    assert.deepStrictEqual(wishOf(pressAll(state, "j", "enter").state), { kind: "job", id: jobId(3) })
  })
})

describe("what was read for another place", () => {
  it("is not decided upon", () => {
    const first = pressAll(atJobs([runningJob(1), runningJob(2)]), "enter").state
    const page = {
      kind: "job",
      job: runningJob(1),
      attempts: [],
      explanation: null,
      log: [""],
      forgotten: 0
    } as const
    const read = after(first, pageFor(first, page))
    assert.include(questionIn(pressAll(read, "c").state), jobId(1))
    const back = pressAll(read, "escape").state
    const second = pressAll(
      after(back, pageFor(back, jobsPage([runningJob(1), runningJob(2)]))),
      "j",
      "enter"
    ).state
    assert.strictEqual(placeOf(second).about, jobId(2))
    assert.isNull(pressAll(second, "c").state.prompt)
  })
})

describe("filters", () => {
  const jobs = atJobs([jobOf(1, { tags: ["nightly"] }), jobOf(2, { type: "video" }), failedJob(3)])
  const keysOf = (state: State) => {
    const { page } = shownData(state)
    return page?.kind
  }

  it("are shown as they are typed, kept by Enter and dropped by Escape", () => {
    const typing = pressAll(jobs, "/", ...typeText("vide")).state
    assert.strictEqual(paneIn(placeOf(typing)).filter, "vide")
    assert.strictEqual(selectedOf(typing), jobId(2))
    assert.strictEqual(paneIn(placeOf(pressAll(typing, "escape").state)).filter, "")
    assert.strictEqual(paneIn(placeOf(pressAll(typing, "backspace", "enter").state)).filter, "vid")
    assert.strictEqual(keysOf(typing), "jobs")
  })

  it("ask the server when they are whole, and not at each letter", () => {
    const typing = pressAll(jobs, "/", ...typeText("type=vid")).state
    assert.deepStrictEqual(wishOf(typing), wishOf(jobs))
    assert.deepStrictEqual(wishOf(pressAll(typing, "enter").state), {
      kind: "jobs",
      conditions: { type: "vid" },
      limit: 100
    })
  })

  it("are left by Escape where there is nothing else to leave", () => {
    const filtered = pressAll(jobs, "/", ...typeText("video"), "enter").state
    assert.strictEqual(paneIn(placeOf(pressAll(filtered, "escape").state)).filter, "")
  })
})

describe("jobs by status", () => {
  it("are asked for one status after the other, around", () => {
    const statusAfter = (...keys: ReadonlyArray<string>) =>
      placeOf(pressAll(atJobs(many), ...keys).state).status
    assert.strictEqual(statusAfter("]"), "scheduled")
    assert.strictEqual(statusAfter("]", "]"), "pending")
    assert.strictEqual(statusAfter("["), "cancelled")
    assert.isNull(statusAfter("]", "["))
    assert.isNull(statusAfter("]", "]", "]", "]", "]", "]", "]"))
  })
})

describe("the palette", () => {
  it("does by name what the keys do, completed by Tab and chosen by the arrows", () => {
    assert.strictEqual(placeOf(pressAll(live(), ":", ...typeText("wor"), "enter").state).kind, "workers")
    const completed = pressAll(live(), ":", ...typeText("ev"), "tab").state
    assert.strictEqual(completed.prompt?.kind === "palette" ? completed.prompt.text : null, "events")
    const failed = atJobs([failedJob(1)])
    assert.include(questionIn(pressAll(failed, ":", ...typeText("retry"), "enter").state), "Retry job")
    const chosen = pressAll(atJobs(many), ":", ...typeText("sort"), "down", "enter").state
    assert.strictEqual(paneIn(placeOf(chosen)).sort?.column, "status")
  })

  it("leaves everything as it was for a name that there is not", () => {
    const state = pressAll(live(), ":", ...typeText("nonsense"), "enter", "escape").state
    assert.deepStrictEqual([state.prompt, placeOf(state).kind], [null, "overview"])
  })

  it("is blocked like the keys while the server is away", () => {
    const away = after(atJobs([failedJob(1)]), { kind: "lost", problem: "gone", nextTryAt: now })
    const { state } = pressAll(away, ":", ...typeText("retry"), "enter")
    assert.isNull(state.prompt)
    assert.include(state.notice?.text ?? "", "away")
  })
})

describe("the help", () => {
  const offsetAfter = (...keys: ReadonlyArray<string>) => {
    const { prompt } = pressAll(begin({}, { columns: 80, rows: 24 }), "?", ...keys).state
    return prompt?.kind === "help" ? prompt.offset : assert.fail(`no help, but ${prompt?.kind}`)
  }

  it("moves like any list, to its ends and not beyond", () => {
    const end = offsetAfter("G")
    assert.isAbove(end, 1)
    assert.deepStrictEqual(
      [
        offsetAfter("G", "j"),
        offsetAfter("G", "k"),
        offsetAfter("G", "g"),
        offsetAfter("j"),
        offsetAfter("k")
      ],
      [end, end - 1, 0, 1, 0]
    )
  })
})

describe("copying", () => {
  it("takes the id, or the curl command without the secret", () => {
    const jobs = atJobs([jobOf(1)])
    assert.deepStrictEqual(pressAll(jobs, "y").orders, [{ kind: "copy", text: jobId(1) }])
    const command = `curl -s -H "Authorization: Bearer $LAZYBOSS_TOKEN" 'http://127.0.0.1:8080/jobs/${jobId(1)}'`
    assert.deepStrictEqual(pressAll(jobs, "Y").orders, [{ kind: "copy", text: command }])
    assert.deepStrictEqual(pressAll(jobs, "enter", "y").orders, [{ kind: "copy", text: jobId(1) }])
    const types = after(live(), { kind: "stats", stats: statsOf([typeOf("a/b")]), now })
    const [order] = pressAll(types, "2", "Y").orders
    assert.include(order?.kind === "copy" ? order.text : "", "/types/a%2Fb'")
  })
})

describe("going back to the shell", () => {
  it("works everywhere by Ctrl-Z, and leaves all as it is", () => {
    for (const prompt of ["1", "/", ":", "?"]) {
      const before = pressAll(live(), prompt)
      const { orders, state } = pressAll(live(), prompt, "ctrl+z")
      assert.deepStrictEqual<unknown>(orders, [{ kind: "suspend" }])
      assert.deepStrictEqual(state.prompt, before.state.prompt)
    }
  })
})

describe("quitting", () => {
  it("works everywhere by Ctrl-C, and by q where no letter is typed", () => {
    const quit = [{ kind: "quit" }]
    assert.deepStrictEqual<unknown>(pressAll(live(), "q").orders, quit)
    for (const prompt of ["/", ":", "?"]) {
      assert.deepStrictEqual<unknown>(pressAll(live(), prompt, "ctrl+c").orders, quit)
    }
    assert.deepStrictEqual(pressAll(live(), "/", "q").orders, [])
  })
})

describe("a log", () => {
  it("is followed until somebody scrolls back, and again from its end", () => {
    const opened = pressAll(atJobs([runningJob(1)]), "enter").state
    const page = {
      kind: "job",
      job: runningJob(1),
      attempts: [],
      explanation: null,
      log: Array.from({ length: 500 }, (_, line) => `line ${line}`),
      forgotten: 0
    } as const
    const state = after(opened, pageFor(opened, page))
    const offsetAfter = (...keys: ReadonlyArray<string>) =>
      paneIn(placeOf(pressAll(state, ...keys).state)).offset
    assert.strictEqual(offsetAfter(), 0)
    assert.strictEqual(offsetAfter("k", "k"), 2)
    assert.strictEqual(offsetAfter("k", "j", "j"), 0)
    assert.strictEqual(offsetAfter("g", "G"), 0)
    assert.isAbove(offsetAfter("g"), 400)
    assert.isBelow(offsetAfter("g"), 500)
    assert.isAbove(at(now).epochMilliseconds, 0)
  })
})
