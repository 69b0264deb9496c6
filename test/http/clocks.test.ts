/** What ends attempts and jobs by itself: every clock, and what it is charged to. */
import { assert, it } from "@effect/vitest"
import { Duration } from "effect"
import { call, expectProblem, expectStatus } from "../support/http.ts"
import {
  attempts,
  claim,
  create,
  finish,
  get,
  newName,
  report,
  startOne,
  waitForEnd,
  type WireJob
} from "../support/jobs.ts"
import { converse, putProgress, tell } from "../support/progress.ts"
import { sse } from "../support/sse.ts"
import { quickPolicy, withServer } from "../support/TestServer.ts"
import { eventually, pass } from "../support/waiting.ts"

const since = (start: string | null | undefined, end: string | null | undefined): number =>
  Date.parse(end ?? "") - Date.parse(start ?? "")

/** Late by no more than this on a very busy machine. That they are on time is proved with a clock that can be set. */
const slack = 10_000

const assertAfter = (millis: number, wait: number) => {
  assert.isAtLeast(millis, wait)
  assert.isBelow(millis, wait + slack)
}

withServer("the clocks", (server) => {
  const becomes = (id: string, status: WireJob["status"]): Promise<WireJob> =>
    eventually(async () => {
      const job = await get(server, id)
      assert.strictEqual(job.status, status)
      return job
    })

  it("end an attempt that is silent for longer than its lease, and give the job to another", async () => {
    const type = newName("type")
    const held = await startOne(server, { type, lease: "150ms" }, "w")
    const next = await claim(server, "other", { types: [type], lease: "60s" })
    assert.strictEqual(next.attemptNumber, 2)
    const [lost] = await attempts(server, held.id)
    assert.strictEqual(lost?.outcome, "lost")
    assertAfter(since(lost?.startedAt, lost?.endedAt), 150)
    await finish(server, next)
    const job = await get(server, held.id)
    assert.deepStrictEqual([job.status, job.losses], ["done", 1])
  })

  it("are held off by heartbeats, events, comments and repeated events", async () => {
    const held = await startOne(server)
    const talk = await converse(server, held)
    const signs: Record<string, () => unknown> = {
      heartbeat: () => report(server, held, "heartbeat"),
      event: () => tell(server, held, sse(1, "log_chunk", "a")),
      comment: () => tell(server, held, ": still here\n\n"),
      "repeated event": () => tell(server, held, sse(1, "log_chunk", "a")),
      "comment on an open stream": () => talk.say(": comment\n"),
      "event on an open stream": () => talk.say(sse(2, "percent", "1")),
      "repeated event on an open stream": () => talk.say(sse(2, "percent", "1"))
    }
    const leaseEnd = async () => Date.parse((await attempts(server, held.id))[0]?.leaseExpiresAt ?? "")
    let end = Date.parse(held.leaseExpiresAt)
    for (const [sign, give] of Object.entries(signs)) {
      await pass(10)
      const before = end
      await give()
      await eventually(async () => {
        end = await leaseEnd()
        assert.isAbove(end, before, sign)
      })
    }
    talk.cut()
  })

  it("let an attempt run on beyond its lease as long as its worker gives signs of life", async () => {
    const held = await startOne(server, { lease: "2s" })
    const enough = Date.parse(held.startedAt) + 3_000
    while (Date.now() < enough) {
      expectStatus(await report(server, held, "heartbeat"), 200)
      await pass(50)
    }
    await finish(server, held)
    assert.deepStrictEqual(
      (await attempts(server, held.id)).map(({ outcome }) => outcome),
      ["done"]
    )
  })

  it("end an attempt that is silent although its socket is open", async () => {
    const held = await startOne(server, { lease: "2s" })
    const talk = await converse(server, held)
    talk.say(sse(1, "log_chunk", "a"))
    await talk.events.until(({ event }) => event === "seen")
    const rest = await talk.events.rest()
    const last = rest.at(-1)
    assert.strictEqual(last?.event, "error")
    assert.strictEqual(JSON.parse(last?.data ?? "").code, "attempt-over")
    assert.strictEqual((await attempts(server, held.id))[0]?.outcome, "lost")
    expectProblem(await putProgress(server, held, sse(2, "log_chunk", "b")), 409, "attempt-over")
  })

  it("tell the worker on its stream how long its lease is", async () => {
    const held = await startOne(server, { lease: "3s" })
    const talk = await converse(server, held)
    // A third of the lease is worth a word.
    await pass(1_200)
    talk.say(": still here\n")
    const { data, event } = await talk.events.take("lease")
    assert.strictEqual(event, "lease")
    assert.strictEqual(JSON.parse(data).expiresAt, (await attempts(server, held.id))[0]?.leaseExpiresAt)
    talk.cut()
  })

  it("end an attempt that runs for longer than maxRun, however alive it is", async () => {
    const held = await startOne(server, { maxRun: "300ms", maxAttempts: 1 })
    assert.strictEqual(held.maxRun, "300ms")
    const beating = eventually(async () =>
      assert.notStrictEqual((await report(server, held, "heartbeat")).status, 200)
    )
    await beating
    const job = await becomes(held.id, "failed")
    const [attempt] = await attempts(server, held.id)
    assert.strictEqual(attempt?.outcome, "timed-out")
    assertAfter(since(attempt?.startedAt, attempt?.endedAt), 300)
    assert.deepInclude(job.error, { reason: "timed-out" })
  })

  it("charge a run out of maxRun as a failure, with backoff", async () => {
    const type = newName("type")
    const { id } = await create(server, { type, maxRun: "60ms", maxAttempts: 2 })
    await claim(server, "w", { types: [type] })
    await claim(server, "w", { types: [type] })
    const job = await waitForEnd(server, id)
    assert.deepStrictEqual([job.status, job.attempts, job.losses], ["failed", 2, 0])
  })

  it("fail a job that was lost too often, apart from its failures", async () => {
    const type = newName("type")
    const { id } = await create(server, { type, lease: "40ms", maxAttempts: 2 })
    const failing = await claim(server, "w", { types: [type], lease: "60s" })
    expectStatus(await report(server, failing, "error", "x"), 201)
    await claim(server, "w", { types: [type] })
    await eventually(async () => assert.strictEqual((await get(server, id)).losses, 1))
    await claim(server, "w", { types: [type] })
    const job = await waitForEnd(server, id)
    assert.deepStrictEqual([job.status, job.attempts, job.losses], ["failed", 3, 2])
    assert.deepInclude(job.error, { reason: "lost" })
    assert.deepStrictEqual(
      (await attempts(server, id)).map(({ outcome }) => outcome),
      ["failed", "lost", "lost"]
    )
  })

  it("make a scheduled job pending at its time, not before", async () => {
    const type = newName("type")
    const delayed = await create(server, { type, delay: "250ms" })
    const at = new Date(Date.now() + 3_000).toISOString()
    const timed = await create(server, { type, runAt: at })
    assert.deepStrictEqual([delayed.status, timed.status, timed.runAt], ["scheduled", "scheduled", at])
    assert.strictEqual(since(delayed.createdAt, delayed.runAt), 250)
    const first = await claim(server, "w", { types: [type] })
    assert.strictEqual(first.id, delayed.id)
    assertAfter(since(delayed.createdAt, first.startedAt), 250)
    const second = await claim(server, "w", { types: [type] })
    assert.strictEqual(second.id, timed.id)
    assertAfter(since(at, second.startedAt), 0)
  })

  it("fail a job that is not finished within expiresIn: waiting, scheduled or running", async () => {
    const waiting = await create(server, { type: newName("type"), expiresIn: "200ms" })
    assert.strictEqual(since(waiting.createdAt, waiting.expiresAt), 200)
    const scheduled = await create(server, { type: newName("type"), expiresIn: "200ms", delay: "1h" })
    const held = await startOne(server, { expiresIn: "2s" })
    for (const id of [waiting.id, scheduled.id, held.id]) {
      const job = await becomes(id, "failed")
      assertAfter(since(job.expiresAt, job.finishedAt), 0)
      assert.deepInclude(job.error, { reason: "expired" })
    }
    const problem = expectProblem(await report(server, held, "result", 1), 409, "attempt-over")
    assert.deepInclude(problem["job"], { status: "failed" })
    const [attempt] = await attempts(server, held.id)
    assert.strictEqual(attempt?.outcome, "timed-out")
  })

  it("leave a job alone that is finished in time", async () => {
    const clocks = { expiresIn: "2s", maxRun: "2s", lease: "2s" }
    const held = await startOne(server, clocks)
    await finish(server, held, 1)
    const job = await get(server, held.id)
    // When the clocks of one that came later have run out, so have those of this one.
    const later = await startOne(server, clocks)
    await becomes(later.id, "failed")
    assert.deepStrictEqual(await get(server, held.id), job)
  })

  it("cancel a running job after the grace, and not before", async () => {
    const held = await startOne(server)
    const talk = await converse(server, held)
    const asked = Date.now()
    expectStatus(await call(server, "DELETE", `/jobs/${held.id}`), 202)
    const job = await becomes(held.id, "cancelled")
    assertAfter(Date.parse(job.finishedAt ?? "") - asked, 599)
    assert.strictEqual((await attempts(server, held.id))[0]?.outcome, "cancelled")
    expectProblem(await report(server, held, "result", 1), 409, "attempt-over")
    await talk.events.rest()
  })
})

withServer(
  "the clock of the first sign of life",
  (server) => {
    it("takes a job from a worker that never begins", async () => {
      const type = newName("type")
      const { id } = await create(server, { type })
      await claim(server, "dead", { types: [type] })
      const next = await claim(server, "alive", { types: [type] })
      expectStatus(await report(server, next, "heartbeat"), 200)
      // When one that was given a job later has been taken for dead, this one would have been, too.
      const later = await startOne(server)
      await eventually(async () => assert.strictEqual((await get(server, later.id)).losses, 1))
      await finish(server, next)
      const past = await attempts(server, id)
      assert.deepStrictEqual(
        past.map(({ outcome, worker }) => [worker, outcome]),
        [
          ["dead", "lost"],
          ["alive", "done"]
        ]
      )
      assertAfter(since(past[0]?.startedAt, past[0]?.endedAt), 2_000)
    })
  },
  { ...quickPolicy, pickup: Duration.seconds(2) }
)

withServer(
  "the policy",
  (server) => {
    it("gives whatever the job does not", async () => {
      const job = await create(server, { type: newName("type") })
      assert.deepInclude(job, { maxAttempts: 7, lease: "11s", maxRun: "2h", expiresIn: "3d" })
      const own = await create(server, {
        type: newName("type"),
        maxAttempts: 1,
        lease: "1s",
        maxRun: 60_000,
        expiresIn: "4h"
      })
      assert.deepInclude(own, { maxAttempts: 1, lease: "1s", maxRun: "60s", expiresIn: "4h" })
    })

    it("spreads failures by its backoff", async () => {
      const type = newName("type")
      const { id } = await create(server, { type })
      const waits: Array<number> = []
      for (let failures = 0; failures < 3; failures++) {
        await report(server, await claim(server, "w", { types: [type] }), "error", "x")
        const job = await get(server, id)
        waits.push(since((await attempts(server, id)).at(-1)?.endedAt, job.runAt))
      }
      assert.deepStrictEqual(waits, [30, 90, 200])
    })
  },
  {
    ...quickPolicy,
    maxAttempts: 7,
    lease: Duration.seconds(11),
    maxRun: Duration.hours(2),
    expiresIn: Duration.days(3),
    backoff: {
      kind: "exponential",
      initial: Duration.millis(30),
      factor: 3,
      max: Duration.millis(200),
      jitter: 0
    }
  }
)
