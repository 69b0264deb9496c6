/** How attempts end by what their workers report, and what every report after that is told. */
import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import {
  asRecord,
  asRecords,
  call,
  expectInvalid,
  expectProblem,
  expectStatus,
  jsonOf
} from "../support/http.ts"
import {
  attemptPath,
  attempts,
  claim,
  create,
  finish,
  get,
  heartbeatOf,
  newName,
  report,
  startOne,
  waitForEnd
} from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const anyJson = [
  null,
  true,
  0,
  -1.5e-7,
  "text",
  "",
  [],
  {},
  [1, [2]],
  { a: { b: null } },
  { "": "é😀\u0000" }
]

withServer("outcomes", (server) => {
  it.each(anyJson.map((value) => [value]))("keep the result %j as it is", async (result) => {
    const held = await startOne(server)
    const answer = expectStatus(await report(server, held, "result", result), 201)
    assert.strictEqual(answer.text, "")
    const job = await get(server, held.id)
    assert.strictEqual(job.status, "done")
    assert.deepStrictEqual([job.result, job.error], [result, null])
    assert.isNotNull(job.finishedAt)
    expectStatus(await report(server, held, "result", result), 200)
  })

  it.each(anyJson.map((value) => [value]))("keep the error %j as it is", async (error) => {
    const held = await startOne(server, { maxAttempts: 1 })
    expectStatus(await report(server, held, "error", error), 201)
    const job = await get(server, held.id)
    assert.deepStrictEqual([job.status, job.result, job.error], ["failed", null, error])
    expectStatus(await report(server, held, "error", error), 200)
    const [attempt] = await attempts(server, held.id)
    assert.deepStrictEqual([attempt?.outcome, attempt?.error], ["failed", error])
  })

  it("are answered with nothing, which has a length", async () => {
    const answer = await report(server, await startOne(server), "result", 1)
    assert.deepStrictEqual([answer.text, answer.headers.get("content-length")], ["", "0"])
  })

  it("can be reported again, whatever the order of the keys, and do not change by it", async () => {
    const held = await startOne(server)
    await finish(server, held, { a: 1, b: 2 })
    const job = await get(server, held.id)
    expectStatus(await report(server, held, "result", { b: 2, a: 1 }), 200)
    assert.deepStrictEqual(await get(server, held.id), job)
  })

  it("are recorded once when they are reported at the same time", async () => {
    const held = await startOne(server)
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(server, held, "result", 1)))
    assert.deepStrictEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [...Array.from({ length: 9 }, () => 200), 201]
    )
  })

  it("conflict with another outcome than the one recorded", async () => {
    const held = await startOne(server)
    await finish(server, held, 1)
    for (const [what, body] of [
      ["result", 2],
      ["error", 1],
      ["failure", {}],
      ["release", undefined]
    ] as const) {
      const problem = expectProblem(await report(server, held, what, body), 409, "outcome-conflict")
      assert.strictEqual(asRecord(problem["job"])["status"], "done")
      assert.strictEqual(asRecord(problem["job"])["result"], 1)
    }
    const failed = await startOne(server, { maxAttempts: 1 })
    await report(server, failed, "error", "x")
    expectProblem(await report(server, failed, "result", "x"), 409, "outcome-conflict")
    expectProblem(await report(server, failed, "error", "y"), 409, "outcome-conflict")
    expectStatus(await report(server, failed, "failure", "x"), 200)
    const released = await startOne(server)
    expectStatus(await report(server, released, "release"), 201)
    expectStatus(await report(server, released, "release"), 200)
    expectProblem(await report(server, released, "result", "x"), 409, "outcome-conflict")
  })

  it("come too late when the lease has run out: told with the job as it is", async () => {
    const type = newName("type")
    const held = await startOne(server, { type, lease: "60ms" }, "w")
    await eventually(async () => assert.strictEqual((await get(server, held.id)).status, "pending"))
    const next = await claim(server, "other", { types: [type], lease: "60s" })
    for (const [what, body] of [
      ["result", 1],
      ["error", 1],
      ["release", undefined],
      ["heartbeat", undefined]
    ] as const) {
      const problem = expectProblem(await report(server, held, what, body), 409, "attempt-over")
      assert.deepStrictEqual(problem["job"], await get(server, held.id))
      assert.strictEqual(asRecord(problem["job"])["attempt"], next.attempt)
    }
    await finish(server, next, 2)
    expectProblem(await report(server, held, "result", 1), 409, "attempt-over")
    assert.strictEqual((await get(server, held.id)).result, 2)
  })

  it("are taken only from the worker that holds the attempt", async () => {
    const held = await startOne(server)
    for (const [what, body] of [
      ["result", 1],
      ["error", 1],
      ["release", undefined],
      ["heartbeat", undefined]
    ] as const) {
      expectProblem(await report(server, held, what, body, "thief"), 403, "wrong-worker")
    }
    await finish(server, held)
    expectProblem(await report(server, held, "result", null, "thief"), 403, "wrong-worker")
  })

  it("of what is unknown are not found", async () => {
    const held = await startOne(server)
    const unknown = randomUUID()
    for (const [what, body] of [
      ["result", 1],
      ["error", 1],
      ["failure", 1],
      ["release", undefined],
      ["heartbeat", undefined]
    ] as const) {
      expectProblem(await report(server, { ...held, attempt: unknown }, what, body), 404, "attempt-not-found")
      expectProblem(await report(server, { ...held, id: unknown }, what, body), 404, "job-not-found")
      const badly = await report(server, { ...held, attempt: "x" }, what, body)
      assert.deepStrictEqual(expectInvalid(badly), ["attempt"])
    }
    // An attempt of another job.
    const other = await startOne(server, {}, held.assignee)
    expectProblem(
      await report(server, { ...held, attempt: other.attempt }, "result", 1),
      404,
      "attempt-not-found"
    )
    assert.strictEqual((await get(server, other.id)).status, "processing")
  })

  it("end the job at once where the error says that it is not retryable", async () => {
    const held = await startOne(server, { maxAttempts: 9 })
    const error = { message: "bad input", stack: "at x", retryable: false, code: 7 }
    await report(server, held, "error", error)
    const job = await get(server, held.id)
    assert.deepStrictEqual([job.status, job.error, job.attempts], ["failed", error, 1])
  })

  it("make the job due again after the policy's backoff, or after retryIn", async () => {
    const held = await startOne(server)
    await report(server, held, "error", { retryIn: "1h" })
    const waiting = await get(server, held.id)
    assert.strictEqual(waiting.status, "scheduled")
    assert.approximately(Date.parse(waiting.runAt) - Date.now(), 3_600_000, 5_000)
    assert.deepStrictEqual([waiting.assignee, waiting.attempt], [null, null])
    assert.deepStrictEqual(waiting.error, { retryIn: "1h" })

    const type = newName("type")
    const first = await startOne(server, { type }, "w")
    await report(server, first, "error", "x")
    const second = await claim(server, "w", { types: [type] })
    assert.strictEqual(second.attemptNumber, 2)
    const [one] = await attempts(server, first.id)
    assert.isAtLeast(Date.parse(second.startedAt) - Date.parse(one?.endedAt ?? ""), 20)
  })

  it.each([
    [{ retryable: "no" }, ["retryable"]],
    [{ retryIn: "soon" }, ["retryIn"]],
    [{ retryIn: -1, retryable: 0 }, ["retryable", "retryIn"]]
  ])("are refused where %j is not understood", async (error, paths) => {
    const held = await startOne(server)
    assert.sameMembers([...expectInvalid(await report(server, held, "error", error))], paths)
    assert.strictEqual((await get(server, held.id)).status, "processing")
  })

  it("make the job due again at once with a retryIn of nothing", async () => {
    const held = await startOne(server)
    await report(server, held, "error", { retryIn: "0s" })
    assert.strictEqual((await get(server, held.id)).status, "pending")
  })

  it("leave to the policy what they give as null", async () => {
    const held = await startOne(server)
    const error = { message: "broken", retryable: null, retryIn: null }
    assert.strictEqual((await report(server, held, "error", error)).status, 201)
    assert.deepStrictEqual((await get(server, held.id)).error, error)
    assert.strictEqual((await claim(server, "w", { types: [held.type] })).attemptNumber, 2)
  })

  it.each(["release", "heartbeat"] as const)("%s says nothing in its body", async (name) => {
    const held = await startOne(server)
    const send = (json: unknown) =>
      call(server, "PUT", `/jobs/${held.id}/attempts/${held.attempt}/${name}`, { as: held.assignee, json })
    for (const json of [{ retryIn: "5m" }, [], null, "x"]) expectInvalid(await send(json))
    assert.strictEqual((await get(server, held.id)).status, "processing")
    assert.include([200, 201], (await send({})).status)
  })

  it("fail the job when its attempts are spent", async () => {
    const type = newName("type")
    const { id } = await create(server, { type, maxAttempts: 3 })
    for (let number = 1; number <= 3; number++) {
      const held = await claim(server, "w", { types: [type] })
      assert.strictEqual(held.attemptNumber, number)
      await report(server, held, "error", `no ${number}`)
    }
    const job = await waitForEnd(server, id)
    assert.deepStrictEqual([job.status, job.error, job.attempts, job.maxAttempts], ["failed", "no 3", 3, 3])
    const past = await attempts(server, id)
    assert.deepStrictEqual(
      past.map(({ error, number, outcome, worker }) => [number, worker, outcome, error]),
      [1, 2, 3].map((number) => [number, "w", "failed", `no ${number}`])
    )
  })

  it("of a job that is being cancelled: a result counts, an error or a release does not", async () => {
    const cancelling = async () => {
      const held = await startOne(server)
      expectStatus(await call(server, "DELETE", `/jobs/${held.id}`), 202)
      return held
    }
    const done = await cancelling()
    await finish(server, done, 1)
    assert.strictEqual((await get(server, done.id)).status, "done")
    const failed = await cancelling()
    expectStatus(await report(server, failed, "error", "stopped"), 201)
    assert.strictEqual((await get(server, failed.id)).status, "cancelled")
    const released = await cancelling()
    expectStatus(await report(server, released, "release"), 201)
    assert.strictEqual((await get(server, released.id)).status, "cancelled")
    assert.deepStrictEqual(
      (await attempts(server, released.id)).map(({ outcome }) => outcome),
      ["released"]
    )
  })

  it("are not a matter of heartbeats, which renew the lease", async () => {
    const held = await startOne(server, { lease: "30s" })
    const beat = heartbeatOf(expectStatus(await report(server, held, "heartbeat"), 200))
    assert.strictEqual(beat.cancelRequested, false)
    assert.isAtLeast(Date.parse(beat.leaseExpiresAt), Date.parse(held.leaseExpiresAt))
    const [attempt] = await attempts(server, held.id)
    assert.strictEqual(attempt?.leaseExpiresAt, beat.leaseExpiresAt)
    await call(server, "DELETE", `/jobs/${held.id}`)
    const asked = heartbeatOf(expectStatus(await report(server, held, "heartbeat"), 200))
    assert.strictEqual(asked.cancelRequested, true)
  })
})

withServer("outcomes of many attempts", (server) => {
  it("are told one by one", async () => {
    const worker = newName("worker")
    const one = await startOne(server, {}, worker)
    const two = await startOne(server, { maxAttempts: 1 }, worker)
    const old = await startOne(server, {}, worker)
    await finish(server, old, "before")
    const foreign = await startOne(server)
    const unknown = randomUUID()
    const answer = await call(server, "POST", "/outcomes", {
      as: worker,
      json: [
        { job: one.id, attempt: one.attempt, result: { ok: true } },
        { job: two.id, attempt: two.attempt, error: { message: "no" } },
        { job: old.id, attempt: old.attempt, result: "before" },
        { job: old.id, attempt: old.attempt, result: "after" },
        { job: foreign.id, attempt: foreign.attempt, result: 1 },
        { job: unknown, attempt: unknown, result: 1 },
        { job: one.id, attempt: unknown, error: 1 }
      ]
    })
    const receipts = asRecords(jsonOf(expectStatus(answer, 200)))
    assert.deepStrictEqual(
      receipts.map(({ problem, status }) => [
        status,
        problem === undefined ? null : asRecord(problem)["type"]
      ]),
      [
        [201, null],
        [201, null],
        [200, null],
        [409, "urn:lazyboss:problem:outcome-conflict"],
        [403, "urn:lazyboss:problem:wrong-worker"],
        [404, "urn:lazyboss:problem:job-not-found"],
        [404, "urn:lazyboss:problem:attempt-not-found"]
      ]
    )
    for (const { problem, status } of receipts) {
      if (problem !== undefined) assert.strictEqual(asRecord(problem)["status"], status)
    }
    assert.deepStrictEqual((await get(server, one.id)).result, { ok: true })
    assert.strictEqual((await get(server, two.id)).status, "failed")
  })

  it("of one attempt are taken in their order", async () => {
    const worker = newName("worker")
    const one = await startOne(server, { maxAttempts: 1 }, worker)
    const two = await startOne(server, { maxAttempts: 1 }, worker)
    const of = ({ attempt, id }: typeof one) => ({ job: id, attempt })
    const json = [
      { ...of(one), error: "first" },
      { ...of(one), result: "second" },
      { ...of(one), error: "first" },
      { ...of(two), result: "first" },
      { ...of(two), error: "second" }
    ]
    const answer = await call(server, "POST", "/outcomes", { as: worker, json })
    assert.deepStrictEqual(
      asRecords(jsonOf(expectStatus(answer, 200))).map(({ status }) => status),
      [201, 409, 200, 201, 409]
    )
    assert.strictEqual((await get(server, one.id)).error, "first")
    assert.strictEqual((await get(server, two.id)).result, "first")
  })

  it("tell of a job that conflicts once, so that a small request has no huge answer", async () => {
    const held = await startOne(server, { parameters: "x".repeat(900_000) })
    await finish(server, held, 1)
    const json = Array.from({ length: 1_000 }, () => ({ job: held.id, attempt: held.attempt, result: 2 }))
    const answer = expectStatus(await call(server, "POST", "/outcomes", { as: held.assignee, json }), 200)
    assert.isBelow(answer.text.length, 2_000_000)
    const problems = asRecords(jsonOf(answer)).map(({ problem }) => asRecord(problem))
    assert.deepStrictEqual(new Set(problems.map(({ status }) => status)), new Set([409]))
    assert.deepStrictEqual(
      problems.flatMap(({ job }, place) => (job === undefined ? [] : [place])),
      [0]
    )
  })

  it("are all refused if one is not understood", async () => {
    const held = await startOne(server)
    const good = { job: held.id, attempt: held.attempt, result: 1 }
    const bad = [
      { job: held.id, attempt: held.attempt },
      { ...good, error: 1 },
      { ...good, job: "x" },
      { ...good, extra: 1 },
      { job: held.id, attempt: held.attempt, error: { retryIn: "never" } },
      null,
      1
    ]
    for (const item of bad) {
      const answer = await call(server, "POST", "/outcomes", { as: held.assignee, json: [good, item] })
      for (const path of expectInvalid(answer)) assert.match(path, /^1(\.|$)/, JSON.stringify(item))
    }
    for (const json of [[], {}, null, Array.from({ length: 1_001 }, () => good)]) {
      expectInvalid(await call(server, "POST", "/outcomes", { as: held.assignee, json }))
    }
    assert.strictEqual((await get(server, held.id)).status, "processing")
  })

  it("may be 1,000 at a time", async () => {
    const held = await startOne(server)
    const json = Array.from({ length: 1_000 }, () => ({ job: held.id, attempt: held.attempt, result: 1 }))
    const answer = await call(server, "POST", "/outcomes", { as: held.assignee, json })
    const statuses = asRecords(jsonOf(expectStatus(answer, 200))).map(({ status }) => status)
    assert.strictEqual(statuses.filter((status) => status === 201).length, 1)
    assert.strictEqual(statuses.filter((status) => status === 200).length, 999)
  })

  it("need an identity", async () => {
    expectProblem(await call(server, "POST", "/outcomes", { json: [] }), 401, "unauthenticated")
    const held = await startOne(server)
    expectProblem(await call(server, "PUT", attemptPath(held, "result"), { json: 1 }), 401, "unauthenticated")
  })
})
