/** Creating jobs: one, many, twice with the same key, later. */
import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { asRecord, call, expectInvalid, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
import { claim, create, createMany, finish, get, jobOf, jobsOf, list, newName } from "../support/jobs.ts"
import { createProject } from "../support/projects.ts"
import { withServer } from "../support/TestServer.ts"

withServer("creating jobs", (server) => {
  const post = (json: unknown, headers: Record<string, string> = {}, as?: string) =>
    call(server, "POST", "/jobs", { json, headers, ...(as !== undefined && { as }) })

  it("answers 202 with the job and where it is", async () => {
    const type = newName("type")
    const before = Date.now()
    const answer = expectStatus(await post({ type }), 202)
    const job = jobOf(answer)
    assert.strictEqual(answer.headers.get("location"), `/jobs/${job.id}`)
    assert.match(answer.headers.get("content-type") ?? "", /^application\/json(;|$)/)
    assert.match(job.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.match(job.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.approximately(Date.parse(job.createdAt), before, 5_000)
    assert.deepStrictEqual(jsonOf(answer), {
      id: job.id,
      type,
      status: "pending",
      parameters: {},
      constraints: [],
      priority: 0,
      tags: [],
      project: null,
      fairnessKey: null,
      createdBy: null,
      schedule: null,
      createdAt: job.createdAt,
      runAt: job.createdAt,
      startedAt: null,
      finishedAt: null,
      expiresIn: null,
      expiresAt: null,
      assignee: null,
      attempt: null,
      attempts: 0,
      maxAttempts: 5,
      losses: 0,
      lease: "60s",
      maxRun: "30m",
      progress: null,
      result: null,
      error: null
    })
    assert.deepStrictEqual(await get(server, job.id), job)
  })

  it("tells parameters of null from none", async () => {
    const type = newName("type")
    assert.isNull((await get(server, (await create(server, { type, parameters: null })).id)).parameters)
    assert.deepStrictEqual((await create(server, { type })).parameters, {})
  })

  it("keeps everything that a job is created with", async () => {
    const wishes = {
      type: newName("type"),
      parameters: { url: "é😀", deep: [{ a: null }], "": 1e300, __proto__x: "\u0000" },
      constraints: [
        { skill: "memoryGb", op: "gte", value: 8 },
        { skill: "gpu", op: "absent" }
      ],
      priority: -3,
      project: (await createProject(server)).id,
      tags: ["nightly", "a b"],
      fairnessKey: "tenant-42",
      maxAttempts: 9,
      lease: "45s",
      maxRun: "2m",
      expiresIn: "1h"
    }
    const job = await create(server, wishes)
    for (const [field, value] of Object.entries(wishes)) {
      assert.deepStrictEqual(Reflect.get(job, field), value, field)
    }
    assert.strictEqual(Date.parse(job.expiresAt ?? "") - Date.parse(job.createdAt), 3_600_000)
    assert.deepStrictEqual(await get(server, job.id), job)
  })

  it.each([
    [250, "250ms"],
    ["250ms", "250ms"],
    [1_000, "1s"],
    ["90s", "90s"],
    ["60s", "60s"],
    [60_000, "60s"],
    ["120s", "2m"],
    ["24h", "1d"],
    ["7d", "7d"]
  ])("takes the duration %j and gives it back as %j", async (given, shown) => {
    const job = await create(server, { type: newName("type"), expiresIn: given })
    assert.strictEqual(job.expiresIn, shown)
  })

  it("schedules by delay or by time, in whatever offset", async () => {
    const type = newName("type")
    const delayed = await create(server, { type, delay: "5m" })
    assert.strictEqual(delayed.status, "scheduled")
    assert.strictEqual(Date.parse(delayed.runAt) - Date.parse(delayed.createdAt), 300_000)
    const timed = await create(server, { type, runAt: "2035-01-31T12:00:00.25+02:00" })
    assert.deepStrictEqual([timed.status, timed.runAt], ["scheduled", "2035-01-31T10:00:00.250Z"])
    const past = await create(server, { type, runAt: "2001-01-01T00:00:00Z" })
    assert.strictEqual(past.status, "pending")
    assert.strictEqual((await create(server, { type, delay: 0 })).status, "pending")
    assert.deepStrictEqual(expectInvalid(await post({ type, delay: "1s", runAt: "2035-01-01T00:00:00Z" })), [
      "delay"
    ])
  })

  const type = "some-type"
  it.each([
    ["nothing", {}, ["type"]],
    ["a type that is no name", { type: "-x" }, ["type"]],
    ["a type that is too long", { type: "x".repeat(129) }, ["type"]],
    ["a type of spaces", { type: " " }, ["type"]],
    ["a type that is a number", { type: 1 }, ["type"]],
    ["a type of null", { type: null }, ["type"]],
    ["an unknown field", { type, prority: 1 }, ["prority"]],
    ["two unknown fields and a bad one", { type, a: 1, b: 2, priority: "x" }, ["a", "b", "priority"]],
    ["a priority with a fraction", { type, priority: 0.5 }, ["priority"]],
    ["a priority out of range", { type, priority: 1_000_001 }, ["priority"]],
    ["a delay without a unit", { type, delay: "5" }, ["delay"]],
    ["a negative delay", { type, delay: -1 }, ["delay"]],
    ["a delay of more than ten years", { type, delay: "4000d" }, ["delay"]],
    ["a delay with a fraction", { type, delay: 1.5 }, ["delay"]],
    ["a time without an offset", { type, runAt: "2035-01-31T12:00:00" }, ["runAt"]],
    ["a time that is a number", { type, runAt: 1_900_000_000 }, ["runAt"]],
    ["a time beyond the last year", { type, runAt: "9999-12-31T23:59:59-23:00" }, ["runAt"]],
    [
      "half of a surrogate pair",
      { type, tags: ["\ud800"], fairnessKey: "\udfff" },
      ["tags.0", "fairnessKey"]
    ],
    ["a day that does not exist", { type, runAt: "2035-13-45T12:00:00Z" }, ["runAt"]],
    ["an expiry of nothing", { type, expiresIn: 0 }, ["expiresIn"]],
    ["a lease of nothing", { type, lease: "0s" }, ["lease"]],
    ["no attempts", { type, maxAttempts: 0 }, ["maxAttempts"]],
    ["too many attempts", { type, maxAttempts: 1_001 }, ["maxAttempts"]],
    ["a project that is no id", { type, project: "x" }, ["project"]],
    ["a tag that is no text", { type, tags: ["a", 1] }, ["tags.1"]],
    ["an empty tag", { type, tags: [""] }, ["tags.0"]],
    ["a tag with a line break", { type, tags: ["a\nb"] }, ["tags.0"]],
    ["too many tags", { type, tags: Array.from({ length: 65 }, () => "x") }, ["tags"]],
    ["a long fairness key", { type, fairnessKey: "x".repeat(256) }, ["fairnessKey"]],
    [
      "an unknown operator",
      { type, constraints: [{ skill: "s", op: "like", value: 1 }] },
      ["constraints.0.op"]
    ],
    ["a constraint without a skill", { type, constraints: [{ op: "exists" }] }, ["constraints.0.skill"]],
    [
      "a constraint with a typo",
      { type, constraints: [{ skill: "s", op: "eq", val: 1 }] },
      ["constraints.0.val"]
    ],
    ["a constraint without its value", { type, constraints: [{ skill: "s", op: "eq" }] }, ["constraints.0"]],
    ["constraints that are no array", { type, constraints: {} }, ["constraints"]]
  ])("refuses %s, and says where", async (_, body, paths) => {
    const answer = await post(body)
    assert.sameMembers([...new Set(expectInvalid(answer))], paths, answer.text)
  })

  it("says once what is wrong with a time", async () => {
    assert.deepStrictEqual(expectInvalid(await post({ type: newName("type"), runAt: "2035" })), ["runAt"])
  })

  it.each([[null], [1], ["text"], [true], [[null]], [[[]]]])("refuses the body %j", async (body) => {
    assert.include(["", "0"], expectInvalid(await post(body))[0])
  })

  it("creates many in the order in which they came", async () => {
    const type = newName("type")
    const wanted = Array.from({ length: 1_000 }, (_, index) => ({ type, parameters: { index } }))
    const answer = expectStatus(await post(wanted), 202)
    const jobs = jobsOf(answer)
    assert.deepStrictEqual(
      jobs.map(({ parameters }) => parameters),
      wanted.map(({ parameters }) => parameters)
    )
    assert.strictEqual(new Set(jobs.map(({ id }) => id)).size, 1_000)
    assert.isNull(answer.headers.get("location"))
    const listed = await list(server, `type=${type}&limit=1000`)
    assert.deepStrictEqual(
      listed.items.map(({ id }) => id),
      jobs.map(({ id }) => id).toReversed()
    )
  })

  it("creates none of many if one is not valid, or if there are too many or none", async () => {
    const type = newName("type")
    const good = { type }
    const answer = await post([good, { type, priority: "x" }, good, { type, oops: 1 }, good])
    assert.sameMembers([...expectInvalid(answer)], ["1.priority", "3.oops"])
    for (const path of expectInvalid(await post([good, null]))) assert.strictEqual(path, "1")
    expectInvalid(await post([good, { type, delay: 1, runAt: "2035-01-01T00:00:00Z" }]))
    expectInvalid(await post([]))
    expectInvalid(await post(Array.from({ length: 1_001 }, () => good)))
    assert.deepStrictEqual(await list(server, `type=${type}`), { items: [], next: null })
  })

  it("answers an array of one with an array", async () => {
    assert.strictEqual((await createMany(server, [{ type: newName("type") }])).length, 1)
  })

  it("knows a repetition by its Idempotency-Key", async () => {
    const type = newName("type")
    const key = { "idempotency-key": `order 42 / ${randomUUID()}` }
    const body = { type, parameters: { a: 1, b: 2 } }
    const first = jobOf(expectStatus(await post(body, key), 202))
    const again = expectStatus(await post({ parameters: { b: 2, a: 1 }, type }, key), 200)
    assert.deepStrictEqual(jobOf(again), first)
    assert.strictEqual(again.headers.get("location"), `/jobs/${first.id}`)

    const held = await claim(server, "w", { types: [type] })
    await finish(server, held, "r")
    assert.deepInclude(jobOf(expectStatus(await post(body, key), 200)), {
      id: first.id,
      status: "done",
      result: "r"
    })
    expectProblem(await post({ ...body, priority: 1 }, key), 422, "idempotency-conflict")
    expectProblem(await post([body], key), 422, "idempotency-conflict")
    assert.strictEqual((await list(server, `type=${type}`)).items.length, 1)
  })

  it("makes one job of many requests at once with the same key", async () => {
    const type = newName("type")
    const key = { "idempotency-key": randomUUID() }
    const answers = await Promise.all(Array.from({ length: 20 }, () => post({ type }, key)))
    const statuses = answers.map(({ status }) => status)
    assert.strictEqual(statuses.filter((status) => status === 202).length, 1)
    assert.strictEqual(statuses.filter((status) => status === 200).length, 19)
    assert.strictEqual(new Set(answers.map((answer) => jobOf(answer).id)).size, 1)
    assert.strictEqual((await list(server, `type=${type}`)).items.length, 1)
  })

  it("knows a repeated batch by its key", async () => {
    const type = newName("type")
    const key = { "idempotency-key": randomUUID() }
    const batch = [{ type }, { type, priority: 1 }]
    const first = jobsOf(expectStatus(await post(batch, key), 202))
    assert.deepStrictEqual(jobsOf(expectStatus(await post(batch, key), 200)), first)
    expectProblem(await post(batch.toReversed(), key), 422, "idempotency-conflict")
    expectProblem(await post(batch.slice(0, 1), key), 422, "idempotency-conflict")
  })

  it("keeps the keys of different callers apart", async () => {
    const type = newName("type")
    const key = { "idempotency-key": randomUUID() }
    const ids = await Promise.all(
      [undefined, "alice", "bob"].map(async (as) => jobOf(await post({ type }, key, as)).id)
    )
    assert.strictEqual(new Set(ids).size, 3)
  })

  it("does not use up a key for a request that was refused", async () => {
    const key = { "idempotency-key": randomUUID() }
    expectInvalid(await post({ type: "-" }, key))
    expectStatus(await post({ type: newName("type") }, key), 202)
  })

  it("takes a key of 255 characters and refuses a longer or empty one", async () => {
    const body = { type: newName("type") }
    expectStatus(await post(body, { "idempotency-key": "k".repeat(255) }), 202)
    for (const key of ["k".repeat(256), ""]) {
      assert.deepStrictEqual(expectInvalid(await post(body, { "idempotency-key": key })), ["idempotency-key"])
    }
  })

  it("takes __proto__ and constructor as what they are: unknown fields, or plain data in parameters", async () => {
    const type = newName("type")
    const raw = (body: string) =>
      call(server, "POST", "/jobs", { body, headers: { "content-type": "application/json" } })
    for (const field of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.deepStrictEqual(expectInvalid(await raw(`{"type":"${type}","${field}":{"priority":1}}`)), [
        field
      ])
    }
    const parameters = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    const answer = expectStatus(await raw(`{"type":"${type}","parameters":${parameters}}`), 202)
    assert.include(answer.text, `"parameters":${parameters}`)
    const job = asRecord(jsonOf(answer))
    assert.include(
      (await call(server, "GET", `/jobs/${String(job["id"])}`)).text,
      `"parameters":${parameters}`
    )
    assert.isUndefined(Reflect.get({}, "polluted"))
  })

  it("takes the last of duplicate keys, and no number that JSON cannot say", async () => {
    const type = newName("type")
    const raw = (body: string) =>
      call(server, "POST", "/jobs", { body, headers: { "content-type": "application/json" } })
    assert.strictEqual(jobOf(await raw(`{"type":"x","type":"${type}"}`)).type, type)
    for (const number of ["1e999", "-1e999", "NaN", "Infinity", "0x10", "01"]) {
      expectInvalid(await raw(`{"type":"${type}","parameters":{"n":${number}}}`))
    }
    expectInvalid(await raw(`{"type":"${type}","priority":1e999}`))
  })
})
