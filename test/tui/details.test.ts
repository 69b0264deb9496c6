/** What is said of a job above its log, and of alerts in a line: what a hurried reader takes from it. */
import { assert, describe, it } from "@effect/vitest"
import { lookOf } from "../../src/tui/look/Look.ts"
import { detailLines } from "../../src/tui/state/details.ts"
import { alertRows } from "../../src/tui/tables/alerts.ts"
import { textOf } from "../../src/tui/tables/Table.ts"
import type { Job } from "../../src/domain/jobs/Job.ts"
import { at, attemptOf, jobId, jobOf, now, runningJob, workerOf } from "./samples.ts"

const look = lookOf(true, true)

const textsOf = (job: Job, attempts: ReadonlyArray<ReturnType<typeof attemptOf>>): ReadonlyArray<string> =>
  detailLines({ kind: "job", job, attempts, explanation: null, log: [], forgotten: 0 }, now, 100, look).map(
    (line) => line.map(({ text }) => text).join("")
  )

describe("a job that is tried again", () => {
  it("has been running since this attempt began, not the first", () => {
    const job = { ...runningJob(1), startedAt: at(now - 3_600_000), attempts: 2, losses: 1 }
    const attempts = [
      attemptOf(1, { startedAt: at(now - 3_600_000), endedAt: at(now - 1_800_000), outcome: "lost" }),
      attemptOf(2, { startedAt: at(now - 12_000) })
    ]
    const texts = textsOf(job, attempts)
    assert.include(texts[0], "processing for 12s by render-7")
    assert.isTrue(texts.some((text) => text.includes("lost once")))
  })

  it("took from its first attempt to its end", () => {
    const job = jobOf(1, { status: "done", startedAt: at(now - 90_000), finishedAt: at(now - 30_000) })
    assert.include(textsOf(job, [attemptOf(1)])[0], "done after 1m")
  })
})

describe("an alert", () => {
  const name = `worker/${"with-a-very-long-name-".repeat(5)}`
  const told = "2030-03-17T17:46:40.000Z"

  it("says what has happened, however long names are", () => {
    const event = {
      event: "attempt.lost" as const,
      at: told,
      job: jobId(2),
      type: name,
      project: null,
      worker: name,
      attempt: jobId(9),
      attemptNumber: 2,
      reason: "the lease ran out"
    }
    const alert = {
      kind: "lost" as const,
      key: "lost",
      event,
      at: now,
      jobs: new Set([jobId(2)])
    }
    const worker = workerOf(name, { quarantines: [{ type: name, until: at(now + 60_000) }] })
    const abouts = alertRows([alert], [worker], now, look).map((row) => textOf(row, "about"))
    assert.lengthOf(abouts, 2)
    for (const about of abouts) assert.isBelow(about.length, 110)
    assert.match(abouts[0] ?? "", /… gets no .*…; that ends in 1m$/)
    assert.match(abouts[1] ?? "", /^worker.*… was lost with 1 job, of .*… for one$/)
  })
})
