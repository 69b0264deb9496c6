import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import type { LiveWorker } from "../../../src/domain/explaining/Ability.ts"
import { mostAhead } from "../../../src/domain/explaining/Outlook.ts"
import type { Acceptance } from "../../../src/domain/matching/Acceptance.ts"
import { after, aGroup, aJob, anAttempt } from "../support/records.ts"
import {
  nothingUsed,
  anOutlook,
  aWorker,
  able,
  busy,
  waits,
  pending,
  type Case,
  explained,
  constrained,
  memory,
  small,
  over,
  finished,
  at
} from "../support/explaining.ts"

const important: Acceptance = { property: "priority", op: "gte", value: 5 }

/** What is said of a job, the codes of its reasons in their order, and what else there is to the first. */
type Row = readonly [Case, sentence: string, codes: string, data?: object]

const rows: ReadonlyArray<Row> = [
  // Its time.
  [
    { job: pending({ status: "scheduled", runAt: after(60_000) }) },
    `Its time comes at ${at(60_000)}.`,
    "scheduled",
    { until: at(60_000), retry: null }
  ],
  [
    {
      job: aJob({
        status: "scheduled",
        runAt: after(20_000),
        attempt: anAttempt({ ...over("failed", { message: "broken" }), nextRunAt: after(20_000) })
      })
    },
    `It is tried again at ${at(20_000)}, after attempt 1 ended as failed at worker (broken).`,
    "scheduled",
    {
      retry: { attempt: anAttempt().id, number: 1, worker: "worker", outcome: "failed", error: "broken" }
    }
  ],
  [
    {
      job: aJob({
        status: "scheduled",
        runAt: after(90_000),
        attempt: anAttempt({ ...over("failed"), nextRunAt: after(20_000) })
      })
    },
    `Its time comes at ${at(90_000)}.`,
    "scheduled",
    { retry: null }
  ],
  // Who could take it.
  [{ waiting: { workers: [] } }, "No worker is alive that could take it.", "no-live-worker,place-in-line"],
  [
    { waiting: { workers: [aWorker("a", { types: ["x.*"] }), aWorker("b", { types: ["y"] })] } },
    "No live worker can take it: none of the 2 live workers asks for jobs of type type.",
    "type,place-in-line",
    { type: "type" }
  ],
  [
    { job: constrained(memory), waiting: { workers: [small, able] } },
    "No live worker can take it: none of the 2 live workers that ask for its type satisfies memoryGb gte 8; the nearest is small, whose memoryGb is 4.",
    "constraint,place-in-line",
    {
      asking: 2,
      rejects: 2,
      missing: 1,
      required: true,
      relaxesAt: null,
      nearest: { worker: "small", value: 4 }
    }
  ],
  [
    { job: constrained(memory), waiting: { workers: [able] } },
    "No live worker can take it: the 1 live worker that asks for its type does not satisfy memoryGb gte 8; it does not have the skill memoryGb.",
    "constraint,place-in-line",
    { nearest: null }
  ],
  [
    {
      job: constrained(memory, { skill: "region", op: "eq", value: "eu", relaxAfter: 30_000 }),
      waiting: {
        workers: [
          aWorker("a", { skills: { memoryGb: 16 } }),
          aWorker("b", { skills: { memoryGb: 4, region: "eu" } }),
          aWorker("c", { skills: { memoryGb: 16, region: "us" } })
        ]
      }
    },
    `No live worker can take it: region eq "eu" rejects 2 of the 3 live workers that ask for its type; the nearest is c, whose region is "us"; it is required until ${at(30_000)}.`,
    "constraint,constraint,place-in-line",
    { relaxesAt: at(30_000), rejects: 2 }
  ],
  [
    {
      job: constrained(memory, { skill: "region", op: "eq", value: "eu" }),
      waiting: {
        workers: [
          aWorker("a", { skills: { region: "eu" } }),
          aWorker("b", { skills: { memoryGb: 16, region: "us" } })
        ]
      }
    },
    "No live worker can take it: memoryGb gte 8 rejects 1 of the 2 live workers that ask for its type; it does not have the skill memoryGb.",
    "constraint,constraint,place-in-line",
    { asking: 2, rejects: 1, missing: 1, nearest: null }
  ],
  [
    {
      job: constrained({ ...memory, relaxAfter: 1_000 }),
      waiting: { workers: [small] }
    },
    "It is the next of its kind; 1 live worker could take it, which is not running others and does not wait for work here.",
    "place-in-line"
  ],
  [
    {
      waiting: {
        workers: [
          aWorker("a", { kept: { why: "paused", until: null } }),
          aWorker("b", { kept: { why: "quarantine", until: after(9_000) } }),
          aWorker("c", { kept: { why: "quarantine", until: after(8_000) } }),
          aWorker("d", { types: ["other"] })
        ]
      }
    },
    `Whoever could take it gets no such jobs for now: a is paused, b is in quarantine for its type until ${at(9_000)}, c is in quarantine for its type until ${at(8_000)}.`,
    "worker-restricted,place-in-line",
    {
      count: 3,
      until: at(8_000),
      workers: [
        { worker: "a", why: "paused", until: null },
        { worker: "b", why: "quarantine", until: at(9_000) },
        { worker: "c", why: "quarantine", until: at(8_000) }
      ]
    }
  ],
  // What holds it back.
  [
    { policy: { paused: true }, waiting: { workers: [] } },
    "Type type is paused: none of its jobs are given out.",
    "paused,no-live-worker,place-in-line",
    { type: "type" }
  ],
  [
    {
      policy: { concurrency: 2 },
      waiting: { outlook: anOutlook({ usage: { ...nothingUsed, running: 2 } }) }
    },
    "As many jobs of type type are running as may: 2 of 2 (concurrency).",
    "concurrency,place-in-line",
    { limit: 2, running: 2 }
  ],
  [
    {
      job: pending({ group: aGroup({ fairnessKey: "ann" }) }),
      policy: { perFairnessKey: 1 },
      waiting: {
        outlook: anOutlook({ usage: { ...nothingUsed, ofKeys: new Map([["ann", 1]]) } })
      }
    },
    "As many jobs of type type are running for ann as may: 1 of 1 (perFairnessKey).",
    "per-fairness-key,place-in-line",
    { fairnessKey: "ann", limit: 1, running: 1 }
  ],
  [
    {
      policy: { rateLimit: { limit: 2, period: Duration.seconds(10) } },
      waiting: { outlook: anOutlook({ usage: { ...nothingUsed, begun: [{ at: 400, count: 2 }] } }) }
    },
    `As many jobs of type type have begun as may, 2 in 10s (rateLimit): there is room at ${at(10_400)}.`,
    "rate-limit,place-in-line",
    { limit: 2, period: "10s", roomAt: at(10_400) }
  ],
  [
    {
      policy: { perWorker: 2 },
      waiting: {
        workers: [able, busy],
        outlook: anOutlook({
          usage: {
            ...nothingUsed,
            ofWorkers: new Map([
              ["able", 2],
              ["busy", 3]
            ])
          }
        })
      }
    },
    "The 2 live workers that could take it have as many jobs of type type as a worker may: 2 (perWorker).",
    "per-worker,place-in-line",
    { limit: 2, workers: 2 }
  ],
  [
    { policy: { perWorker: 2 }, waiting: { workers: [] } },
    "No worker is alive that could take it.",
    "no-live-worker,place-in-line"
  ],
  [
    {
      policy: {
        concurrency: 2,
        perFairnessKey: 2,
        perWorker: 2,
        rateLimit: { limit: 2, period: Duration.seconds(10) }
      },
      waiting: {
        workers: [able, busy],
        outlook: anOutlook({
          usage: {
            running: 1,
            ofKeys: new Map([[null, 1]]),
            ofWorkers: new Map([["busy", 2]]),
            begun: [{ at: 400, count: 1 }]
          }
        })
      }
    },
    "It is the next of its kind; 2 live workers could take it, of which 1 is running others and none waits for work here.",
    "place-in-line"
  ],
  [
    {
      job: pending({ tags: ["gdpr"] }),
      waiting: { workers: [aWorker("picky", { accepts: [{ tag: "gdpr", op: "absent" }] })] }
    },
    "The 1 live worker that could take it does not accept it (accepts).",
    "accepts,place-in-line",
    { workers: 1 }
  ],
  [
    {
      waiting: {
        workers: ["able", "other"].map((worker) => aWorker(worker, { accepts: [important] }))
      }
    },
    "Of the 2 live workers that could take it none accepts it (accepts).",
    "accepts,place-in-line",
    { workers: 2 }
  ],
  [
    {
      waiting: {
        workers: [aWorker("picky", { accepts: [important] }), able],
        vacancies: [waits("picky", [important]), waits("able")]
      }
    },
    "It is the next of its kind; 1 live worker could take it, which is not running others and waits for work here.",
    "place-in-line"
  ],
  [
    { waiting: { better: { worker: "better", score: 0.9, patience: 1_001 } } },
    `Until ${at(1_001)} it is kept for better, from whoever suits it with a score of less than 0.9 (patience).`,
    "patience,place-in-line",
    { worker: "better", score: 0.9, until: at(1_001) }
  ],
  [
    { waiting: { better: { worker: "better", score: 0.9, patience: 1_000 }, workers: [busy] } },
    "It is the next of its kind; 1 live worker could take it, which is running others and does not wait for work here.",
    "place-in-line"
  ],
  // Its place in line.
  [
    { waiting: { workers: [], outlook: anOutlook({ ahead: 1 }) } },
    "No worker is alive that could take it.",
    "no-live-worker,place-in-line"
  ],
  [
    { waiting: { outlook: anOutlook({ ahead: 3 }) } },
    "3 jobs of its kind come before it; 1 live worker could take it, which is not running others and does not wait for work here.",
    "place-in-line",
    { ahead: 3, atLeast: false }
  ],
  [
    { waiting: { outlook: anOutlook({ ahead: mostAhead }) } },
    "At least 1000 jobs of its kind come before it; 1 live worker could take it, which is not running others and does not wait for work here.",
    "place-in-line",
    { ahead: 1_000, atLeast: true }
  ],
  // In the hands of a worker.
  [
    { job: aJob({ attempt: anAttempt({ score: 0.82, runnersUp: [{ worker: "b", score: 0.7 }] }) }) },
    `It has been running since ${at(0)} at worker, which suits it with a score of 0.82, before b with 0.7.`,
    "running",
    { worker: "worker", since: at(0), leaseExpiresAt: at(10_000) }
  ],
  [{ job: aJob() }, `It has been running since ${at(0)} at worker.`, "running"],
  [
    {
      job: aJob({
        attempt: anAttempt({ cancelAt: after(3_000) }),
        cancelRequest: { by: "ann", reason: "a mistake" }
      })
    },
    `ann cancels it (a mistake): worker is told to stop, and has until ${at(3_000)}.`,
    "cancelling,running",
    { by: "ann", reason: "a mistake", until: at(3_000) }
  ],
  // Finished.
  [
    { job: finished("done", { attempt: over("done") }) },
    `worker has done it at ${at(5_000)}.`,
    "done",
    { worker: "worker", at: at(5_000) }
  ],
  [
    { job: finished("failed", { failures: 5, attempt: over("failed", { message: "broken" }) }) },
    "It failed 5 times, of 5 that are allowed (maxAttempts). The error: broken",
    "attempts-spent",
    { failures: 5, maxAttempts: 5, error: "broken" }
  ],
  [
    { job: finished("failed", { failures: 5, attempt: over("failed", "one\r\ntwo") }) },
    "It failed 5 times, of 5 that are allowed (maxAttempts). The error: one two",
    "attempts-spent",
    { error: "one\r\ntwo" }
  ],
  [
    {
      job: aJob({
        status: "scheduled",
        runAt: after(20_000),
        attempt: anAttempt({ ...over("failed", { message: "one\ntwo" }), nextRunAt: after(20_000) })
      })
    },
    `It is tried again at ${at(20_000)}, after attempt 1 ended as failed at worker (one two).`,
    "scheduled"
  ],
  [
    {
      job: finished("failed", {
        failures: 5,
        attempt: over("failed", { message: "broken", retryable: true })
      })
    },
    "It failed 5 times, of 5 that are allowed (maxAttempts). The error: broken",
    "attempts-spent"
  ],
  [
    { job: finished("failed", { failures: 5, losses: 2, attempt: over("failed") }) },
    "It failed 5 times, of 5 that are allowed (maxAttempts).",
    "attempts-spent"
  ],
  [
    { job: finished("failed", { failures: 1, maxAttempts: 1, attempt: over("timed-out") }) },
    "It failed 1 time, of 1 that are allowed (maxAttempts).",
    "attempts-spent",
    { failures: 1, maxAttempts: 1, error: null }
  ],
  [
    {
      job: finished("failed", { failures: 1, attempt: over("failed", { message: "bad", retryable: false }) })
    },
    "Its worker said that it is not to be tried again. The error: bad",
    "not-retryable",
    { error: "bad" }
  ],
  [
    { job: finished("failed", { losses: 5, attempt: over("lost") }), policy: { maxLost: 5 } },
    "Its workers were lost 5 times, of 5 that are allowed (maxLost).",
    "lost-too-often",
    { losses: 5, maxLost: 5 }
  ],
  [
    { job: finished("failed", { reason: "expired", expiresAt: after(5_000), attempt: over("lost") }) },
    `It was not finished in time, and expired at ${at(5_000)}.`,
    "expired",
    { at: at(5_000) }
  ],
  [
    { job: finished("cancelled", { cancelRequest: { by: "ann", reason: "a mistake" } }) },
    `ann cancelled it at ${at(5_000)}: a mistake`,
    "cancelled",
    { by: "ann", reason: "a mistake", at: at(5_000) }
  ],
  [
    { job: finished("cancelled", { cancelRequest: { by: null, reason: null } }) },
    `It was cancelled at ${at(5_000)}.`,
    "cancelled",
    { by: null, reason: null }
  ]
]

describe("explain", () => {
  const cases = rows.map(([given, sentence, codes, data = {}]) => ({ given, sentence, codes, data }))
  it.each(cases)("$codes: $sentence", ({ codes, data, given, sentence }) => {
    const { reasons, summary } = explained(given)
    assert.strictEqual(summary, sentence)
    assert.strictEqual(reasons.map(({ code }) => code).join(), codes)
    assert.deepInclude(reasons[0], { sentence, ...data })
  })

  it("shows what each constraint makes of the workers, whether it is the reason or not", () => {
    const wish = { skill: "region", op: "eq", value: "eu", weight: 2 } as const
    const workers = [small, aWorker("large", { skills: { memoryGb: 16, region: "us" } })]
    const {
      constraints,
      place,
      workers: counts
    } = explained({
      job: constrained({ ...memory, relaxAfter: 60_000 }, wish),
      waiting: { workers, outlook: anOutlook({ ahead: 2 }), vacancies: [waits("nobody")] }
    })
    assert.deepStrictEqual(constraints, [
      {
        constraint: { ...memory, relaxAfter: "60s" },
        required: true,
        relaxesAt: at(60_000),
        rejects: 1,
        missing: 0,
        nearest: { worker: "small", value: 4 }
      },
      {
        constraint: wish,
        required: false,
        relaxesAt: null,
        rejects: 2,
        missing: 1,
        nearest: { worker: "large", value: "us" }
      }
    ])
    assert.deepStrictEqual(place, { ahead: 2, atLeast: false })
    assert.deepStrictEqual(counts, {
      live: 2,
      atLeast: false,
      asking: 2,
      able: 1,
      busy: 0,
      waiting: 0
    })
  })

  it("counts as waiting for it neither who is kept from it nor who does not accept it", () => {
    const paused = aWorker("paused", { kept: { why: "paused", until: null } })
    const picky = waits("picky", [important])
    const { reasons, workers } = explained({
      waiting: {
        workers: [paused, aWorker("picky", { accepts: [important] })],
        vacancies: [waits("paused"), picky]
      }
    })
    assert.deepStrictEqual([workers?.waiting, workers?.able], [0, 0])
    assert.deepStrictEqual(
      reasons.map(({ code }) => code),
      ["worker-restricted", "accepts", "place-in-line"]
    )
    const others = explained({ waiting: { workers: [able], vacancies: [waits("able"), picky] } })
    assert.strictEqual(others.workers?.waiting, 1)
  })

  it("names no more of those who are kept from it than it may", () => {
    const workers = Array.from({ length: 12 }, (_, index) =>
      aWorker(`w${index}`, { kept: { why: "banned", until: null } })
    )
    const [reason] = explained({ waiting: { workers } }).reasons
    assert.isTrue(reason?.code === "worker-restricted" && reason.count === 12 && reason.workers.length === 10)
    assert.match(reason?.sentence ?? "", /w9 is banned, and 2 more\.$/)
  })

  it("does not speak for workers that were not looked at", () => {
    const told = (workers: ReadonlyArray<LiveWorker>, details: Partial<Case["waiting"]> = {}) =>
      explained({
        job: constrained(memory),
        policy: { perWorker: 1 },
        waiting: { workers, areAll: false, ...details }
      })
    const only = "Only the first 1 live workers by name were looked at."
    const [nobody] = told([small]).reasons
    assert.match(nobody?.sentence ?? "", /^No live worker that was looked at can take it: /)
    assert.isTrue(nobody?.sentence.endsWith(only))
    const large = aWorker("large", { skills: { memoryGb: 8 } })
    const { reasons, summary, workers } = told([large])
    assert.lengthOf(reasons, 1)
    assert.include(summary, "; at least 1 live worker could take it")
    assert.deepStrictEqual([workers?.live, workers?.atLeast], [1, true])
    const usage = { ...nothingUsed, ofWorkers: new Map([["large", 1]]) }
    assert.isTrue(told([large], { outlook: anOutlook({ usage }) }).summary.endsWith(only))
  })

  it("says who had a job and why, unless that was before a retry by hand", () => {
    const attempt = anAttempt({ ...over("done"), score: 0.5, runnersUp: [{ worker: "b", score: 0.4 }] })
    const { assignment } = explained({ job: finished("done", { attempt }) })
    assert.deepStrictEqual(assignment, {
      worker: "worker",
      attempt: attempt.id,
      number: 1,
      score: 0.5,
      runnersUp: [{ worker: "b", score: 0.4 }],
      since: at(0),
      leaseExpiresAt: at(10_000),
      runUntil: at(60_000),
      endedAt: at(5_000),
      outcome: "done"
    })
    assert.isNull(explained({ job: finished("cancelled", { attempts: 0, attempt }) }).assignment)
    assert.isNull(explained({ job: pending({ attempts: 1, attempt }) }).assignment)
  })
})
