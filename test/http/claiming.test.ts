/** Asking for jobs: who gets which, when, and what becomes of those who went away. */
import { connect } from "node:net"
import { assert, it } from "@effect/vitest"
import { call, expectProblem, expectStatus, open } from "../support/http.ts"
import {
  askFor,
  assignmentOf,
  assignmentsOf,
  attempts,
  claim,
  create,
  createMany,
  finish,
  get,
  newName,
  report
} from "../support/jobs.ts"
import { begin } from "../support/rawSocket.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually, timed } from "../support/waiting.ts"

withServer("asking for jobs", (server) => {
  it("answers with the assignment and its address", async () => {
    const type = newName("type")
    const job = await create(server, { type, parameters: { a: [1] }, lease: "30s", maxRun: "2h" })
    const before = Date.now()
    const answer = expectStatus(await askFor(server, "render-7", { types: [type] }), 201)
    const assignment = assignmentOf(answer)
    assert.deepStrictEqual(assignment, {
      id: job.id,
      status: "processing",
      type,
      parameters: { a: [1] },
      startedAt: assignment.startedAt,
      assignee: "render-7",
      attempt: assignment.attempt,
      attemptNumber: 1,
      lease: "30s",
      leaseExpiresAt: assignment.leaseExpiresAt,
      maxRun: "2h",
      checkpoint: null
    })
    assert.strictEqual(answer.headers.get("location"), `/jobs/${job.id}/attempts/${assignment.attempt}`)
    const startedAt = Date.parse(assignment.startedAt)
    assert.isAtLeast(startedAt, before - 1)
    assert.strictEqual(Date.parse(assignment.leaseExpiresAt) - startedAt, 30_000)
    const shown = await get(server, job.id)
    assert.deepStrictEqual(
      [shown.status, shown.assignee, shown.attempt, shown.attempts],
      ["processing", "render-7", assignment.attempt, 1]
    )
  })

  it("wakes a waiting worker when a job comes", async () => {
    const type = newName("type")
    const rounds = 5
    const [, took] = await timed(async () => {
      for (let round = 0; round < rounds; round++) {
        const waiting = await begin(server, "POST", "/jobs/attempt?wait=20s", { json: { types: [type] } })
        const { id } = await create(server, { type })
        assert.strictEqual(assignmentOf(expectStatus(await waiting.answer(), 201)).id, id)
        assert.strictEqual((await get(server, id)).status, "processing")
      }
    })
    // Whoever was not woken would be found every time by the poll that stands behind it, once in 5 s.
    assert.isBelow(took, rounds * 4_000)
  })

  it("answers 204 when the time is over", async () => {
    const [answer, took] = await timed(() => askFor(server, "w", { types: [newName("type")] }, "150ms"))
    expectStatus(answer, 204)
    assert.strictEqual(answer.text, "")
    assert.isAtLeast(took, 145)
    assert.isBelow(took, 10_000)
  })

  it("looks once when it is not to wait", async () => {
    const type = newName("type")
    const [answer, took] = await timed(() => askFor(server, "w", { types: [type] }, "0s"))
    expectStatus(answer, 204)
    assert.isBelow(took, 10_000)
    const job = await create(server, { type })
    assert.strictEqual((await claim(server, "w", { types: [type] }, "0s")).id, job.id)
    expectStatus(await askFor(server, "w", { types: [type] }, "0"), 204)
    expectStatus(await askFor(server, "w", { types: [type] }, "0ms"), 204)
  })

  it("refuses to wait for longer than 60 s", async () => {
    expectProblem(await askFor(server, "w", {}, "61s"), 400, "invalid-request")
    expectProblem(await askFor(server, "w", {}, "2m"), 400, "invalid-request")
  })

  it("matches types by name and by beginning", async () => {
    const family = newName("video")
    const cut = await create(server, { type: `${family}.cut` })
    const join = await create(server, { type: `${family}.join` })
    const other = await create(server, { type: `${family}x` })
    const ask = (...types: ReadonlyArray<string>) => askFor(server, "w", { types }, "0s")
    expectStatus(await ask(family), 204)
    expectStatus(await ask(`${family}.cu`), 204)
    assert.strictEqual(assignmentOf(await ask(newName("type"), `${family}.*`)).id, cut.id)
    assert.strictEqual(assignmentOf(await ask(`${family}.*`)).id, join.id)
    expectStatus(await ask(`${family}.*`), 204)
    assert.strictEqual(assignmentOf(await ask(`${family}*`)).id, other.id)
  })

  it.each([
    ["eq", 8, 8, 16],
    ["ne", 8, 16, 8],
    ["gte", 8, 16, 7],
    ["gt", 8, 9, 8],
    ["lte", 8, 8, 9],
    ["lt", 8, 7, 8],
    ["in", ["eu", "us"], "eu", "ap"],
    ["contains", "cuda", ["cuda", "vulkan"], ["vulkan"]],
    ["exists", undefined, null, undefined],
    ["absent", undefined, undefined, 0],
    ["eq", { a: 1, b: [2] }, { b: [2], a: 1 }, { a: 1 }],
    ["gte", 8, 8, "16"]
  ])(
    "gives a job that demands skill %s %j to who has %j, not to who has %j",
    async (op, value, good, bad) => {
      const type = newName("type")
      const { id } = await create(server, { type, constraints: [{ skill: "s", op, value }] })
      const ask = (skill: unknown) => askFor(server, "w", { types: [type], skills: { s: skill } }, "0s")
      expectStatus(await ask(bad), 204)
      assert.strictEqual(assignmentOf(expectStatus(await ask(good), 201)).id, id)
    }
  )

  it("gives a job with several constraints only to who satisfies all", async () => {
    const type = newName("type")
    const constraints = [
      { skill: "memoryGb", op: "gte", value: 8 },
      { skill: "gpu", op: "contains", value: "cuda" }
    ]
    await create(server, { type, constraints })
    for (const skills of [undefined, {}, { memoryGb: 16 }, { gpu: ["cuda"] }]) {
      expectStatus(await askFor(server, "w", { types: [type], ...(skills && { skills }) }, "0s"), 204)
    }
    await claim(server, "w", { types: [type], skills: { memoryGb: 8, gpu: ["cuda"] } }, "0s")
  })

  it("gives a worker only jobs whose tags it accepts", async () => {
    const type = newName("type")
    const marked = await create(server, { type, tags: ["gdpr", "x"] })
    const plain = await create(server, { type })
    const ask = (op: string) => askFor(server, "w", { types: [type], accepts: [{ tag: "gdpr", op }] }, "0s")
    assert.strictEqual(assignmentOf(await ask("absent")).id, plain.id)
    expectStatus(await ask("absent"), 204)
    assert.strictEqual(assignmentOf(await ask("exists")).id, marked.id)
  })

  it("gives several jobs to who asks for them, in an array", async () => {
    const type = newName("type")
    const jobs = await createMany(server, [{ type }, { type }, { type }])
    const ask = (max: number) => askFor(server, "w", { types: [type], max }, "1s")
    const two = assignmentsOf(expectStatus(await ask(2), 201))
    assert.deepStrictEqual(
      two.map(({ id }) => id),
      jobs.slice(0, 2).map(({ id }) => id)
    )
    const one = assignmentsOf(expectStatus(await ask(10), 201))
    assert.deepStrictEqual(
      one.map(({ id }) => id),
      jobs.slice(2).map(({ id }) => id)
    )
    expectStatus(await askFor(server, "w", { types: [type], max: 1 }, "0s"), 204)
    await create(server, { type })
    assert.strictEqual(assignmentsOf(await ask(1)).length, 1)
  })

  it("gives the job of the highest priority first, of equals the one that is due longest", async () => {
    const type = newName("type")
    const priorities = [0, 5, -5, 5, 0]
    const jobs: Array<string> = []
    for (const priority of priorities) jobs.push((await create(server, { type, priority })).id)
    const given: Array<string> = []
    for (let i = 0; i < jobs.length; i++) given.push((await claim(server, "w", { types: [type] }, "1s")).id)
    assert.deepStrictEqual(
      given,
      [1, 3, 0, 4, 2].map((index) => jobs[index])
    )
  })

  it("grants the lease that is asked for, but never longer than maxRun", async () => {
    const type = newName("type")
    await createMany(server, [
      { type, lease: "45s" },
      { type, maxRun: "90s" },
      { type, maxRun: "10s" }
    ])
    assert.strictEqual((await claim(server, "w", { types: [type], lease: "10s" })).lease, "10s")
    const capped = await claim(server, "w", { types: [type], lease: "10m" })
    assert.strictEqual(capped.lease, "90s")
    assert.strictEqual(Date.parse(capped.leaseExpiresAt) - Date.parse(capped.startedAt), 90_000)
    assert.strictEqual((await claim(server, "w", { types: [type] })).lease, "10s")
  })

  it("does not give a job to two workers", async () => {
    const type = newName("type")
    const given: Array<string> = []
    const asking = Array.from({ length: 20 }, async (_, i) => {
      given.push((await claim(server, `w${i}`, { types: [type] }, "20s")).id)
    })
    const ten = Array.from({ length: 10 }, () => ({ type }))
    const created = [...(await createMany(server, ten))]
    await eventually(() => assert.isAtLeast(given.length, 10))
    assert.sameMembers(
      given,
      created.map(({ id }) => id)
    )
    created.push(...(await createMany(server, ten)))
    await Promise.all(asking)
    assert.sameMembers(
      given,
      created.map(({ id }) => id)
    )
  })

  it("gives nothing to a worker that has gone before", async () => {
    const type = newName("type")
    for (let round = 0; round < 10; round++) {
      const asking = await begin(server, "POST", "/jobs/attempt?wait=20s", {
        as: "gone",
        json: { types: [type] }
      })
      await asking.leave()
      const { id } = await create(server, { type })
      const held = await claim(server, "stays", { types: [type] })
      assert.strictEqual(held.id, id)
      await finish(server, held)
    }
  })

  it("takes jobs back at once when their worker goes before it has read them", async () => {
    const type = newName("type")
    // More than what fits into the buffers between the server and a worker that does not read.
    const large = { type, parameters: "x".repeat(1_000_000) }
    const jobs = await createMany(
      server,
      Array.from({ length: 15 }, () => large)
    )
    const body = JSON.stringify({ types: [type], max: jobs.length })
    const socket = connect(server.port, "127.0.0.1")
    socket.on("error", () => undefined)
    socket.pause()
    socket.write(
      `POST /jobs/attempt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gone\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    )
    await eventually(async () => assert.strictEqual((await attempts(server, jobs[0]?.id ?? "")).length, 1))
    socket.destroy()
    for (const { id } of jobs) {
      await eventually(async () =>
        assert.deepStrictEqual(
          (await attempts(server, id)).map(({ outcome, worker }) => [worker, outcome]),
          [["gone", "released"]]
        )
      )
    }
    const given = assignmentsOf(await askFor(server, "stays", { types: [type], max: 2 }, "1s"))
    assert.strictEqual(given.length, 2)
    assert.strictEqual((await get(server, jobs[0]?.id ?? "")).losses, 0)
  })

  it("gives a job that was released to the next, with the attempts counted and nothing charged", async () => {
    const type = newName("type")
    const { id } = await create(server, { type, maxAttempts: 1 })
    for (let number = 1; number <= 5; number++) {
      const held = await claim(server, "w", { types: [type] })
      assert.strictEqual(held.attemptNumber, number)
      expectStatus(await report(server, held, "release"), 201)
    }
    const job = await get(server, id)
    assert.deepStrictEqual([job.status, job.attempts, job.losses], ["pending", 5, 0])
  })

  it("needs to know who is asking, in whichever spelling", async () => {
    const type = newName("type")
    const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`
    const spellings = {
      "render-7": ["Bearer render-7", "bearer render-7", basic("render-7:"), basic("render-7:lzb_x:y")],
      "a/b": ["Plain id=a/b", "Plain id=a%2Fb&token=x", basic("a/b:")]
    }
    for (const [name, headers] of Object.entries(spellings)) {
      for (const authorization of headers) {
        await create(server, { type })
        const answer = await askFor(server, "", { types: [type] }, "5s", { headers: { authorization } })
        assert.strictEqual(assignmentOf(expectStatus(answer, 201)).assignee, name, authorization)
      }
    }
    const refused = [
      ...["", "Bearer", "Bearer ", "Basic", "Basic !!!", basic("nocolon"), basic(":secret"), "Plain token=x"],
      ...["Plain", "Plain id=", "Digest x", "Bearer two words", "Bearer -x", `Bearer ${"x".repeat(129)}`]
    ]
    for (const authorization of refused) {
      const answer = await askFor(server, "", { types: [type] }, "0s", { headers: { authorization } })
      expectProblem(answer, 401, "unauthenticated")
      const challenge = answer.headers.get("www-authenticate") ?? ""
      for (const scheme of ["Bearer", "Basic", "Plain"]) assert.include(challenge, scheme)
    }
    const nobody = await call(server, "POST", "/jobs/attempt?wait=0s", { json: { types: [type] } })
    expectProblem(nobody, 401, "unauthenticated")
    assert.isNotNull(nobody.headers.get("www-authenticate"))
  })

  it("needs no identity to create a job, but a good one if there is one", async () => {
    await create(server, { type: newName("type") })
    expectProblem(
      await call(server, "POST", "/jobs", {
        json: { type: "x" },
        headers: { authorization: "Nonsense" }
      }),
      401,
      "unauthenticated"
    )
  })

  it("is not asked by HEAD or OPTIONS", async () => {
    expectProblem(await call(server, "OPTIONS", "/jobs/attempt", { as: "w" }), 405, "method-not-allowed")
    const head = await open(server, "HEAD", "/jobs/attempt", { as: "w" })
    assert.isAtLeast(head.status, 400)
  })
})
