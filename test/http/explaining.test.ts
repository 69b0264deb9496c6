/** Why a job is, or is not, running, over HTTP. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { Explanation } from "../../src/domain/explaining/Explanation.ts"
import { call, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
import { askFor, claim, create, createMany, finish, newName, report, startOne } from "../support/jobs.ts"
import { type Server, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const toExplanation = Schema.decodeUnknownSync(Schema.toEncoded(Explanation), { onExcessProperty: "error" })
type Explained = typeof Explanation.Encoded
type Reason = Explained["reasons"][number]
type Code = Reason["code"]

const explain = async (server: Server, id: string): Promise<Explained> =>
  toExplanation(jsonOf(expectStatus(await call(server, "GET", `/jobs/${id}/explain`), 200)))

/** The reason of this code, which there must be. */
const reasonOf = <C extends Code>(explained: Explained, code: C) => {
  const isMeant = (reason: Reason): reason is Extract<Reason, { readonly code: C }> => reason.code === code
  return explained.reasons.find(isMeant) ?? assert.fail(`${code} is not the reason: ${explained.summary}`)
}

/** Explains until the first reason is this: workers are seen as they were a second ago at the earliest. */
const explainAs = (server: Server, id: string, code: Code) =>
  eventually(async () => {
    const explained = await explain(server, id)
    assert.strictEqual(explained.reasons[0]?.code, code, explained.summary)
    assert.strictEqual(explained.summary, explained.reasons[0]?.sentence)
    return explained
  })

/** Lets a worker ask once, in vain. */
const show = async (server: Server, worker: string, wishes: object) => {
  expectStatus(await askFor(server, worker, wishes, "0s"), 204)
}

const rule = async (server: Server, type: string, policy: object) => {
  expectStatus(await call(server, "PUT", `/policies/${type}`, { json: policy }), 200)
}

withServer("explaining before anybody has come", (server) => {
  it("says that no worker is alive", async () => {
    const { id, type } = await create(server, { type: newName("type") })
    const explained = await explain(server, id)
    assert.deepStrictEqual([explained.job, explained.type, explained.status], [id, type, "pending"])
    assert.strictEqual(explained.reasons[0]?.code, "no-live-worker")
    assert.deepStrictEqual(explained.workers, {
      live: 0,
      atLeast: false,
      asking: 0,
      able: 0,
      busy: 0,
      waiting: 0
    })
    assert.deepStrictEqual(explained.place, { ahead: 0, atLeast: false })
  })
})

withServer("explaining", (server) => {
  it("knows no job that there is not, and takes nothing but its id", async () => {
    const { id } = await create(server, { type: newName("type") })
    const unknown = `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`
    expectProblem(await call(server, "GET", `/jobs/${unknown}/explain`), 404, "job-not-found")
    expectProblem(await call(server, "GET", `/jobs/no-id/explain`), 400, "invalid-request")
  })

  it("says that nobody asks for the type", async () => {
    await show(server, newName("worker"), { types: [newName("other")] })
    const { id, type } = await create(server, { type: newName("type") })
    const explained = await explainAs(server, id, "type")
    assert.strictEqual(reasonOf(explained, "type").type, type)
    assert.strictEqual(explained.workers?.asking, 0)
  })

  it("says which constraint rejects the workers, and who comes nearest", async () => {
    const [type, small, large] = [newName("type"), newName("small"), newName("large")]
    const memory = { skill: "memoryGb", op: "gte", value: 32, relaxAfter: "1h" } as const
    const job = await create(server, {
      type,
      constraints: [memory, { skill: "gpu", op: "exists", weight: 1 }]
    })
    await show(server, small, { types: [type], skills: { memoryGb: 8, gpu: 1 } })
    await show(server, large, { types: [type], skills: { memoryGb: 16 } })
    const explained = await eventually(async () => {
      const one = await explain(server, job.id)
      assert.strictEqual(one.workers?.asking, 2)
      return one
    })
    const relaxesAt = new Date(Date.parse(job.runAt) + 3_600_000).toISOString()
    const view = {
      constraint: memory,
      required: true,
      relaxesAt,
      rejects: 2,
      missing: 0,
      nearest: { worker: large, value: 16 }
    }
    assert.deepInclude(reasonOf(explained, "constraint"), { asking: 2, ...view })
    assert.include(explained.summary, `the nearest is ${large}, whose memoryGb is 16`)
    assert.deepStrictEqual(explained.constraints[0], view)
    const wish = explained.constraints[1]
    assert.deepStrictEqual([wish?.required, wish?.rejects, wish?.missing], [false, 1, 1])
  })

  it("says that the type is paused", async () => {
    const type = newName("type")
    await rule(server, type, { paused: true })
    const { id } = await create(server, { type })
    await explainAs(server, id, "paused")
  })

  it("says that whoever could take it is paused, banned or in quarantine, and until when", async () => {
    const [type, name, pool] = [newName("type"), newName("worker"), newName("pool")]
    await rule(server, type, { quarantine: { failures: 1, for: "1h" } })
    const held = await startOne(server, { type }, name)
    await report(server, held, "error", { message: "broken", retryable: false })
    const { id } = await create(server, { type, constraints: [{ skill: "a", op: "absent" }] })
    const explained = await explainAs(server, id, "worker-restricted")
    const { count, until, workers } = reasonOf(explained, "worker-restricted")
    assert.deepStrictEqual([count, workers[0]?.worker, workers[0]?.why], [1, name, "quarantine"])
    await eventually(async () => {
      const again = reasonOf(await explain(server, id), "worker-restricted")
      assert.isAbove(Date.parse(again.until ?? ""), Date.now() + 3_500_000)
    })
    assert.strictEqual(workers[0]?.until ?? null, until)
    for (const [state, why] of [
      ["paused", "paused"],
      ["banned", "banned"]
    ] as const) {
      // Of all instances of a token.
      await call(server, "PATCH", `/workers/${pool}`, { json: { state } })
      await show(server, `${pool}/7`, { types: [type] })
      await eventually(async () => {
        const restricted = reasonOf(await explain(server, id), "worker-restricted")
        const found = restricted.workers.find(({ worker }) => worker === `${pool}/7`)
        assert.deepStrictEqual([restricted.count, found?.why, found?.until], [2, why, null])
      })
    }
  })

  it("says which limit is reached", async () => {
    for (const [policy, code, data] of [
      [{ concurrency: 1 }, "concurrency", { limit: 1, running: 1 }],
      [{ perWorker: 1 }, "per-worker", { limit: 1, workers: 1 }],
      [{ perFairnessKey: 1 }, "per-fairness-key", { fairnessKey: "ann", limit: 1, running: 1 }]
    ] as const) {
      const type = newName("type")
      await rule(server, type, policy)
      const held = await startOne(server, { type, fairnessKey: "ann" })
      const { id } = await create(server, { type, fairnessKey: "ann" })
      assert.deepInclude(reasonOf(await explainAs(server, id, code), code), data)
      await finish(server, held)
      await explainAs(server, id, "place-in-line")
    }
  })

  it("says when a rate limit has room again", async () => {
    const type = newName("type")
    await rule(server, type, { rateLimit: { limit: 1, period: "1h" } })
    const held = await startOne(server, { type })
    const { id } = await create(server, { type })
    const { roomAt } = reasonOf(await explainAs(server, id, "rate-limit"), "rate-limit")
    assert.strictEqual(Date.parse(roomAt), Date.parse(held.startedAt) + 3_600_000)
  })

  it("says until when it is scheduled, or put off after a failure", async () => {
    const type = newName("type")
    const later = await create(server, { type, delay: "1h" })
    const scheduled = await explainAs(server, later.id, "scheduled")
    assert.deepInclude(reasonOf(scheduled, "scheduled"), { until: later.runAt, retry: null })
    assert.isNull(scheduled.place)
    const held = await startOne(server, { type })
    await report(server, held, "error", { message: "broken", retryIn: "1h" })
    const { retry, until } = reasonOf(await explainAs(server, held.id, "scheduled"), "scheduled")
    assert.isAbove(Date.parse(until), Date.now() + 3_500_000)
    assert.deepStrictEqual(retry, {
      attempt: held.attempt,
      number: 1,
      worker: held.assignee,
      outcome: "failed",
      error: "broken"
    })
  })

  it("says for whom it is kept, and until when", async () => {
    const [type, better] = [newName("type"), newName("better")]
    await rule(server, type, { patience: "1h" })
    await show(server, better, { types: [type], skills: { gpu: 1 } })
    const job = await create(server, { type, constraints: [{ skill: "gpu", op: "exists", weight: 1 }] })
    const { until, worker } = reasonOf(await explainAs(server, job.id, "patience"), "patience")
    await show(server, newName("worse"), { types: [type] })
    assert.deepStrictEqual([worker, Date.parse(until)], [better, Date.parse(job.runAt) + 3_600_000])
  })

  it("says that who waits does not accept it", async () => {
    const [type, picky] = [newName("type"), newName("picky")]
    const controller = new AbortController()
    const wishes = { types: [type], accepts: [{ tag: "gdpr", op: "absent" }] }
    const waiting = askFor(server, picky, wishes, "60s", { signal: controller.signal }).catch(() => null)
    const { id } = await create(server, { type, tags: ["gdpr"] })
    const explained = await explainAs(server, id, "accepts")
    assert.strictEqual(explained.workers?.waiting, 0)
    controller.abort()
    await waiting
  })

  it("says how many come before it", async () => {
    const type = newName("type")
    const jobs = await createMany(server, [{ type }, { type }, { type, priority: 9 }, { type }])
    const places = await Promise.all(
      jobs.map(async ({ id }) => reasonOf(await explain(server, id), "place-in-line").ahead)
    )
    assert.deepStrictEqual(places, [0, 1, 0, 2])
    assert.deepStrictEqual((await explain(server, jobs[3]?.id ?? "")).place, { ahead: 2, atLeast: false })
  })

  it("says who is running it and why, and that it is being cancelled", async () => {
    const type = newName("type")
    const held = await startOne(server, { type })
    const explained = await explainAs(server, held.id, "running")
    assert.strictEqual(reasonOf(explained, "running").worker, held.assignee)
    assert.deepStrictEqual([explained.workers, explained.place, explained.constraints], [null, null, []])
    assert.deepInclude(explained.assignment, {
      worker: held.assignee,
      attempt: held.attempt,
      number: 1,
      since: held.startedAt,
      runnersUp: [],
      endedAt: null
    })
    assert.isNumber(explained.assignment?.score)
    expectStatus(await call(server, "DELETE", `/jobs/${held.id}?reason=mistake`, { as: "ann" }), 202)
    const cancelling = reasonOf(await explain(server, held.id), "cancelling")
    assert.deepStrictEqual([cancelling.by, cancelling.reason], ["ann", "mistake"])
    const cancelled = reasonOf(await explainAs(server, held.id, "cancelled"), "cancelled")
    assert.deepStrictEqual([cancelled.by, cancelled.reason], ["ann", "mistake"])
  })

  it("says how it ended", async () => {
    const type = newName("type")
    const done = await startOne(server, { type })
    await finish(server, done)
    const explained = await explainAs(server, done.id, "done")
    assert.deepStrictEqual(
      [explained.assignment?.worker, explained.assignment?.outcome],
      [done.assignee, "done"]
    )

    const failed = await startOne(server, { type, maxAttempts: 1 })
    await report(server, failed, "error", { message: "broken" })
    const spent = reasonOf(await explainAs(server, failed.id, "attempts-spent"), "attempts-spent")
    assert.deepStrictEqual([spent.failures, spent.maxAttempts, spent.error], [1, 1, "broken"])

    const refused = await startOne(server, { type })
    await report(server, refused, "error", { message: "bad", retryable: false })
    await explainAs(server, refused.id, "not-retryable")

    const lost = await startOne(server, { type, lease: "50ms" })
    await claim(server, newName("worker"), { types: [type] })
    await explainAs(server, lost.id, "lost-too-often")

    const { id } = await create(server, { type: newName("type"), expiresIn: "1ms" })
    await explainAs(server, id, "expired")
  })
})
