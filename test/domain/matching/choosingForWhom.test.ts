import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { acceptedJobs } from "../../../src/domain/matching/Acceptance.ts"
import { makeRoom } from "../../../src/domain/matching/Limits.ts"
import { shareOut } from "../../../src/domain/matching/Ranking.ts"
import { aGroup } from "../support/records.ts"
import {
  aBetter,
  chooseFrom,
  chosenAt,
  given,
  minute,
  seekers,
  skilled,
  waitingJobs
} from "../support/choosing.ts"

const gpu = { skill: "gpu", op: "exists" } as const
const rust = { skill: "rust", op: "exists" } as const
const wishing = { type: "a", constraints: [{ ...gpu, weight: 1 }] }

describe("choose: to whom", () => {
  it("gives a job to whoever suits it best, and of those that suit alike to whoever has waited longest", () => {
    const those = seekers({ plain: {}, able: skilled({ gpu: true }), late: skilled({ gpu: true }) })
    assert.deepStrictEqual(given([waitingJobs(wishing, [0])], those), ["able a1"])
    assert.deepStrictEqual(given([waitingJobs({ type: "a" }, [0])], those), ["plain a1"])
    assert.deepStrictEqual(given([waitingJobs(wishing, [0, 0, 0])], those), [
      "able a1",
      "late a2",
      "plain a3"
    ])
  })

  it("lets the record and the load decide between those of the same skills", () => {
    const better = seekers({
      one: { records: new Map([["a", 0.6]]) },
      two: { records: new Map([["a", 0.7]]) }
    })
    const idler = seekers({ one: { running: 1 }, two: {} })
    for (const those of [better, idler]) {
      assert.deepStrictEqual(given([waitingJobs({ type: "a" }, [0])], those), ["two a1"])
    }
  })

  it("gives a job that its worker has failed to another, if there is one, and otherwise to the same", () => {
    const jobs = [waitingJobs({ type: "a" }, [0], { failedBy: ["one"] })]
    const those = seekers({ one: {}, two: { running: 5 } })
    assert.deepStrictEqual(given(jobs, those), ["two a1"])
    assert.deepStrictEqual(given(jobs, those.slice(0, 1)), ["one a1"])
  })

  it("weighs the failure beside the rest: somebody far worse does not get the job", () => {
    const jobs = [waitingJobs(wishing, [0], { failedBy: ["able"] })]
    assert.deepStrictEqual(given(jobs, seekers({ able: skilled({ gpu: true }), plain: {} })), ["able a1"])
  })

  it("gives everybody one before anybody gets a second, however much better", () => {
    const those = seekers({ able: { ...skilled({ gpu: true }), max: 3 }, plain: { max: 2 } })
    assert.deepStrictEqual(given([waitingJobs(wishing, [0, 0, 0, 0, 0, 0])], those), [
      "able a1",
      "plain a2",
      "able a3",
      "plain a4",
      "able a5"
    ])
  })

  it("gives nobody what it is kept from, cannot do or does not accept", () => {
    const accepted = acceptedJobs([{ tag: "x", op: "exists" }])
    const those = seekers({
      kept: { keptFrom: new Set(["a"]) },
      unable: { suitability: { types: ["b"], skills: {}, accepts: [] } },
      picky: { accepted },
      good: {}
    })
    const [any, tagged] = [waitingJobs({ type: "a" }, [2, 1]), waitingJobs({ type: "a" }, [], { accepted })]
    assert.deepStrictEqual(given([any, tagged], those), ["good a1"])
  })

  it("gives a job that several lists have once, to the best, or of those that suit alike to who has waited longest", () => {
    const accepted = acceptedJobs([{ tag: "x", op: "exists" }])
    const jobs = (type: string) => [
      waitingJobs({ type }, [3, 2]),
      waitingJobs({ type }, [3, 2], { accepted })
    ]
    const those = seekers({ first: {}, picky: { accepted }, last: {} })
    assert.deepStrictEqual(given(jobs("a"), those), ["first a1", "picky a2"])
    const good = { records: new Map([["a", 1]]) }
    assert.deepStrictEqual(given(jobs("a"), seekers({ first: {}, picky: { accepted, ...good } })), [
      "picky a1",
      "first a2"
    ])
  })

  it("tells who might have got it instead: the three that come next, who were free", () => {
    const those = seekers({
      three: { running: 3 },
      none: {},
      two: { running: 2 },
      one: { running: 1 },
      four: { running: 4 },
      unable: { suitability: { types: ["b"], skills: {}, accepts: [] } }
    })
    const { choices } = chooseFrom([waitingJobs({ type: "a" }, [0, 0])], those)
    assert.deepStrictEqual(
      choices.map(({ runnersUp, score, seeker }) => [
        seeker.worker,
        score,
        runnersUp.map((one) => [one.worker, one.score])
      ]),
      [
        [
          "none",
          0.88,
          [
            ["one", 0.83],
            ["two", 0.81],
            ["three", 0.8]
          ]
        ],
        [
          "one",
          0.83,
          [
            ["two", 0.81],
            ["three", 0.8],
            ["four", 0.8]
          ]
        ]
      ]
    )
  })

  it("names no runner-up that has got another job by then", () => {
    const queues = [
      waitingJobs({ id: 1, type: "a", constraints: [{ ...gpu, weight: 1 }] }, [2]),
      waitingJobs({ id: 2, type: "b", constraints: [{ ...rust, weight: 1 }] }, [1])
    ]
    const those = seekers({ one: skilled({ gpu: 1 }), two: skilled({ rust: 1 }), three: {} })
    assert.deepStrictEqual(
      chooseFrom(queues, those, { count: 2 }).choices.map(({ runnersUp, seeker }) => [
        seeker.worker,
        runnersUp.map(({ worker }) => worker)
      ]),
      [
        ["one", ["two", "three"]],
        ["two", ["three"]]
      ]
    )
  })

  it("names each runner-up once, however often it asks, and never the one who gets the job", () => {
    const those = [
      ...seekers({ one: { worker: "one" } }),
      ...seekers({ again: { worker: "one" } }),
      ...seekers({ two: { running: 1 } }),
      ...seekers({ again: { worker: "two", running: 1 } }),
      ...seekers({ three: { running: 2 } })
    ]
    const [choice] = chooseFrom([waitingJobs({ type: "a" }, [0])], those).choices
    assert.deepStrictEqual(choice?.runnersUp, [
      { worker: "two", score: 0.83 },
      { worker: "three", score: 0.81 }
    ])
    const [assignee] = shareOut([aGroup({ type: "a" })], those, 1) ?? []
    assert.deepStrictEqual(assignee?.runnersUp, choice?.runnersUp)
  })

  it("ranks runners-up by the score that they would have had, failures included", () => {
    const jobs = [waitingJobs({ type: "a" }, [0], { failedBy: ["two"] })]
    const [choice] = chooseFrom(jobs, seekers({ one: {}, two: {}, three: { running: 9 } })).choices
    assert.deepStrictEqual(choice?.runnersUp, [
      { worker: "three", score: 0.79 },
      { worker: "two", score: 0.57 }
    ])
  })
})

describe("choose: when the clock was set back", () => {
  it("gives what is due only by the clock as it was, as if it had just come", () => {
    const ahead = [waitingJobs({ type: "a" }, [-60 * minute, -61 * minute])]
    assert.deepStrictEqual(given(ahead, seekers({ one: {}, two: {} })), ["one a1", "two a2"])
    const relaxing = waitingJobs({ type: "a", constraints: [{ ...gpu, relaxAfter: 1_000 }] }, [-minute])
    const { choices, later } = chooseFrom([relaxing], seekers({ plain: {} }))
    assert.deepStrictEqual([choices, later], [[], [{ group: 1, at: chosenAt + minute + 1_000 }]])
  })
})

describe("choose: constraints that relax", () => {
  const relaxing = { type: "a", constraints: [{ ...gpu, relaxAfter: 1_000 }] }
  it("keeps a constraint until the millisecond before, and no longer", () => {
    const plain = seekers({ plain: {} })
    const { choices, drained, later } = chooseFrom([waitingJobs(relaxing, [999])], plain)
    assert.deepStrictEqual([choices, drained, later], [[], [], [{ group: 1, at: chosenAt + 1 }]])
    assert.deepStrictEqual(given([waitingJobs(relaxing, [1_000])], plain), ["plain a1"])
    assert.deepStrictEqual(
      given([waitingJobs(relaxing, [1_001, 1_000, 999])], seekers({ plain: { max: 5 } })),
      ["plain a1", "plain a2"]
    )
  })

  it("prefers those who satisfy it afterwards", () => {
    const those = seekers({ plain: {}, able: skilled({ gpu: true }) })
    assert.deepStrictEqual(given([waitingJobs(relaxing, [1_000])], those), ["able a1"])
  })

  it("tells the first time at which one of those who want more may have something", () => {
    const two = {
      type: "a",
      constraints: [
        { ...gpu, relaxAfter: 5_000 },
        { ...rust, relaxAfter: 3_000 }
      ]
    }
    const later = (those: ReturnType<typeof seekers>) =>
      chooseFrom([waitingJobs(two, [1_000, 0])], those).later
    assert.deepStrictEqual(later(seekers({ plain: {}, able: skilled({ gpu: true }) })), [
      { group: 1, at: chosenAt + 2_000 }
    ])
    assert.deepStrictEqual(later(seekers({ plain: {} })), [{ group: 1, at: chosenAt + 4_000 }])
    assert.deepStrictEqual(later(seekers({ plain: { keptFrom: new Set(["a"]) } })), [])
  })
})

describe("choose: patience", () => {
  const jobs = (waited: ReadonlyArray<number>, details: Parameters<typeof waitingJobs>[2] = {}) => [
    waitingJobs({ type: "a" }, waited, { better: aBetter(), ...details })
  ]
  const those = seekers({ here: {} })

  it("keeps a job for somebody better until the millisecond before its end, and no longer", () => {
    const { choices, later } = chooseFrom(jobs([999]), those)
    assert.deepStrictEqual([choices, later], [[], [{ group: 1, at: chosenAt + 1 }]])
    assert.deepStrictEqual(given(jobs([1_000, 999]), seekers({ here: { max: 2 } })), ["here a1"])
  })

  it("keeps it from nobody who suits as well", () => {
    assert.deepStrictEqual(given(jobs([0], { better: aBetter({ score: 0.88 }) }), those), ["here a1"])
    assert.deepStrictEqual(given(jobs([0], { better: aBetter({ score: 0.89 }) }), those), [])
  })

  it("does not keep it for somebody who has failed it", () => {
    assert.deepStrictEqual(given(jobs([0], { failedBy: ["better"] }), those), ["here a1"])
  })

  it("gives the jobs behind one that is kept only because the worker has failed it", () => {
    const better = aBetter({ score: 0.88 })
    const [queue] = jobs([500, 400, 300], { better })
    if (queue === undefined) return assert.fail("no queue")
    const [failed, ...others] = queue.jobs
    if (failed === undefined) return assert.fail("no job")
    const mixed = { ...queue, jobs: [{ ...failed, failedBy: ["here"] }, ...others] }
    assert.deepStrictEqual(given([mixed], those), ["here a2"])
    const { choices, later } = chooseFrom([{ ...mixed, jobs: mixed.jobs.slice(0, 1) }], those)
    assert.deepStrictEqual([choices, later], [[], [{ group: 1, at: chosenAt + 500 }]])
    // Behind it there may be more that was not read.
    const cut = { ...mixed, jobs: mixed.jobs.slice(0, 1), isWhole: false }
    assert.deepStrictEqual(chooseFrom([cut], those).dry, [cut])
  })

  it("looks again when a constraint is relaxed, which may make somebody good enough before the end of patience", () => {
    const group = {
      type: "a",
      constraints: [
        { ...gpu, relaxAfter: 400 },
        { ...rust, weight: 1 }
      ]
    }
    const better = aBetter({ score: 0.5 })
    const at = (waited: number) =>
      chooseFrom([waitingJobs(group, [waited], { better })], seekers({ here: skilled({ rust: 1 }) }))
    assert.deepStrictEqual(at(0).later, [{ group: 1, at: chosenAt + 400 }])
    assert.lengthOf(at(400).choices, 1)
    // Who satisfies it already is better off as soon as it counts as a wish.
    const able = (waited: number) =>
      chooseFrom(
        [waitingJobs(group, [waited], { better: aBetter({ score: 0.55 }) })],
        seekers({ here: skilled({ gpu: 1 }) })
      )
    assert.deepStrictEqual([able(0).choices.length, able(0).later], [0, [{ group: 1, at: chosenAt + 400 }]])
    assert.lengthOf(able(400).choices, 1)
  })
})

describe("choose: what is left", () => {
  const those = (max: number) => seekers({ one: { max } })
  it("tells the groups that have nothing left, of those that are whole", () => {
    const queues = [
      waitingJobs({ id: 1, type: "a" }, [2, 1]),
      waitingJobs({ id: 2, type: "b" }, []),
      waitingJobs({ id: 3, type: "c" }, [], { accepted: acceptedJobs([{ tag: "x", op: "exists" }]) })
    ]
    assert.deepStrictEqual(chooseFrom(queues, those(5), { count: 5 }).drained, [1, 2])
    assert.deepStrictEqual(chooseFrom(queues, those(5), { count: 2 }).drained, [1, 2])
    assert.deepStrictEqual(chooseFrom(queues, those(5), { count: 1 }).drained, [2])
    const cut = { ...waitingJobs({ id: 1, type: "a" }, [1]), isWhole: false }
    const { drained, dry } = chooseFrom([cut], those(5))
    assert.deepStrictEqual([drained, dry], [[], [cut]])
    // What nobody wants to read is not known to be there or not.
    assert.deepStrictEqual(chooseFrom([cut], those(1)).drained, [])
  })

  it("tells since when the first job is due that is left of each group, as far as that is known", () => {
    const accepted = acceptedJobs([{ tag: "x", op: "exists" }])
    const queues = [
      waitingJobs({ id: 1, type: "a" }, [9, 2, 1]),
      waitingJobs({ id: 2, type: "b" }, [8], { isWhole: false }),
      waitingJobs({ id: 3, type: "c" }, [7]),
      waitingJobs({ id: 4, type: "d" }, [6], { accepted })
    ]
    const { choices, heads } = chooseFrom(queues, those(2), { count: 2 })
    assert.lengthOf(choices, 2)
    assert.deepStrictEqual(
      heads.map(({ group, runAt }) => [group, chosenAt - DateTime.toEpochMillis(runAt)]),
      [
        [1, 2],
        [3, 7]
      ]
    )
  })

  it("counts no queue as dry of which nobody wants more", () => {
    const cut = waitingJobs({ type: "a" }, [1], { isWhole: false })
    assert.deepStrictEqual(chooseFrom([cut], those(1)).dry, [])
    assert.deepStrictEqual(chooseFrom([cut], seekers({ one: { max: 5, keptFrom: new Set(["a"]) } })).dry, [])
    const other = seekers({ one: { max: 5, accepted: acceptedJobs([{ tag: "x", op: "exists" }]) } })
    assert.deepStrictEqual(chooseFrom([{ ...cut, jobs: [] }], other).dry, [])
    const limits = { concurrency: 1, perWorker: null, perFairnessKey: null, rateLimit: null }
    const usage = { running: 0, ofWorkers: new Map(), ofKeys: new Map(), begun: [] }
    const room = makeRoom(new Map([["a", { limits, usage }]]), 0)
    assert.deepStrictEqual(chooseFrom([cut], those(5), { room }).dry, [])
    const ofEach = makeRoom(
      new Map([["a", { limits: { ...limits, concurrency: null, perWorker: 1 }, usage }]]),
      0
    )
    assert.deepStrictEqual(chooseFrom([cut], those(5), { room: ofEach }).dry, [])
  })

  it("counts no queue as dry that has run out of those that somebody has failed, as long as it has others", () => {
    const failed = waitingJobs({ type: "a" }, [9], { failedBy: ["two"] })
    const others = waitingJobs({ type: "a" }, [8, 7]).jobs.map((job) => ({ ...job, id: `other ${job.id}` }))
    const cut = { ...failed, jobs: [...failed.jobs, ...others], isWhole: false }
    const { choices, dry } = chooseFrom([cut], those(2), { count: 2 })
    assert.deepStrictEqual([choices.map(({ job }) => job.id), dry], [["a1", "other a1"], []])
  })

  it("has spares for those who got something, of what comes next", () => {
    const queues = [waitingJobs({ type: "a" }, [4 * minute, 3 * minute, 2 * minute, minute])]
    const two = seekers({ one: {}, two: {} })
    const { choices, spares } = chooseFrom(queues, two, { count: 1, spares: 2 })
    assert.deepStrictEqual(
      [choices, spares].map((some) => some.map(({ job, seeker }) => `${seeker.worker} ${job.id}`)),
      [["one a1"], ["one a2", "one a3"]]
    )
    assert.deepStrictEqual(chooseFrom(queues, two, { count: 9, spares: 9 }).spares.length, 2)
  })

  it("has spares for each of them in turn, at the scores that they would have instead of what was chosen", () => {
    const queues = [waitingJobs({ type: "a" }, [6, 5, 4, 3, 2, 1])]
    const two = seekers({ one: {}, two: { running: 1 } })
    assert.deepStrictEqual(
      chooseFrom(queues, two, { count: 2, spares: 4 }).spares.map(({ score, seeker }) => [
        seeker.worker,
        score
      ]),
      [
        ["one", 0.88],
        ["two", 0.83],
        ["one", 0.88],
        ["two", 0.83]
      ]
    )
  })
})
