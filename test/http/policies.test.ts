/** The supervisor's rules over HTTP. */
import { assert, it } from "@effect/vitest"
import { asRecord, call, expectInvalid, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
import { askFor, claim, create, finish, newName, report, waitForEnd } from "../support/jobs.ts"
import { type Server, withServer } from "../support/TestServer.ts"

const put = async (server: Server, type: string, own: object) =>
  asRecord(jsonOf(expectStatus(await call(server, "PUT", `/policies/${type}`, { json: own }), 200)))

const get = async (server: Server, type: string) =>
  asRecord(jsonOf(expectStatus(await call(server, "GET", `/policies/${type}`), 200)))

withServer("policies", (server) => {
  it("show what is in force, what a type says itself and what it inherits", async () => {
    const type = newName("type")
    const before = await get(server, type)
    assert.deepStrictEqual([before["type"], before["maxLost"], before["own"]], [type, 2, {}])
    const answer = await put(server, type, { maxAttempts: 2, backoff: { initial: "1s" }, lease: "5m" })
    assert.deepStrictEqual(await get(server, type), answer)
    assert.deepStrictEqual([answer["maxAttempts"], answer["lease"], answer["maxLost"]], [2, "5m", 2])
    assert.deepStrictEqual(asRecord(answer["backoff"])["initial"], "1s")
    assert.deepStrictEqual(answer["own"], { maxAttempts: 2, backoff: { initial: "1s" }, lease: "5m" })
    const inherited = answer["inherited"]
    if (!Array.isArray(inherited)) return assert.fail("no list")
    assert.includeMembers(inherited, ["maxLost", "backoff.kind"])
    assert.notInclude(inherited, "lease")
  })

  it("are listed, default first", async () => {
    const type = newName("type")
    await put(server, type, {})
    const all = jsonOf(expectStatus(await call(server, "GET", "/policies"), 200))
    if (!Array.isArray(all)) return assert.fail("no list")
    const types = all.map((one) => asRecord(one)["type"])
    assert.strictEqual(types[0], "default")
    assert.include(types, type)
  })

  it("replace what a type said before, and are forgotten with DELETE", async () => {
    const type = newName("type")
    await put(server, type, { maxAttempts: 2 })
    assert.deepStrictEqual((await put(server, type, { lease: 1500 }))["own"], { lease: "1500ms" })
    expectStatus(await call(server, "DELETE", `/policies/${type}`), 204)
    assert.deepStrictEqual((await get(server, type))["own"], {})
    expectProblem(await call(server, "DELETE", `/policies/${type}`), 404, "policy-not-found")
  })

  it.each([
    [{ maxAttempts: 0 }, "maxAttempts"],
    [{ maxLost: 1.5 }, "maxLost"],
    [{ backoff: { kind: "quadratic" } }, "backoff.kind"],
    [{ backoff: { jitter: 2 } }, "backoff.jitter"],
    [{ backoff: { oops: 1 } }, "backoff.oops"],
    [{ lease: "soon" }, "lease"],
    [{ lease: null }, "lease"],
    [{ pickup: "0s" }, "pickup"],
    [{ concurrency: 0 }, "concurrency"],
    [{ perWorker: -1 }, "perWorker"],
    [{ perFairnessKey: "1" }, "perFairnessKey"],
    [{ rateLimit: { limit: 1 } }, "rateLimit.period"],
    [{ paused: "yes" }, "paused"],
    [{ quarantine: { within: "0s" } }, "quarantine.within"],
    [{ retention: { done: "never" } }, "retention.done"],
    [{ logCap: 1 }, "logCap"],
    [{ maxAttemts: 3 }, "maxAttemts"]
  ])("refuse %j and name the field", async (own, field) => {
    const type = newName("type")
    assert.deepStrictEqual(expectInvalid(await call(server, "PUT", `/policies/${type}`, { json: own })), [
      field
    ])
    assert.deepStrictEqual((await get(server, type))["own"], {})
  })

  it("are in force for the next thing that happens", async () => {
    const type = newName("type")
    await put(server, type, { maxAttempts: 1 })
    const job = await create(server, { type })
    assert.strictEqual(job.maxAttempts, 1)
    const held = await claim(server, "w", { types: [type] })
    await put(server, type, { maxAttempts: 1, lease: "7s" })
    await report(server, held, "error", { message: "broken" })
    assert.strictEqual((await waitForEnd(server, job.id)).status, "failed")
    const next = await create(server, { type })
    assert.strictEqual(next.lease, "7s")
  })

  it("are inherited from default by types that say nothing of it", async () => {
    const [silent, outspoken] = [newName("type"), newName("type")]
    await put(server, outspoken, { maxRun: "9m" })
    await put(server, "default", { maxRun: "11m" })
    try {
      assert.strictEqual((await get(server, silent))["maxRun"], "11m")
      assert.strictEqual((await get(server, outspoken))["maxRun"], "9m")
    } finally {
      expectStatus(await call(server, "DELETE", "/policies/default"), 204)
    }
    assert.strictEqual((await get(server, silent))["maxRun"], "30m")
  })

  it("let no more run at the same time than may, and tell who waits as soon as one may", async () => {
    const type = newName("type")
    await put(server, type, { concurrency: 1 })
    await create(server, { type })
    await create(server, { type })
    const held = await claim(server, "w", { types: [type] })
    expectStatus(await askFor(server, "w", { types: [type] }, "0s"), 204)
    const waiting = claim(server, "w", { types: [type] })
    await finish(server, held)
    assert.notStrictEqual((await waiting).id, held.id)
  })

  it("pause a type and let it go on", async () => {
    const type = newName("type")
    await put(server, type, { paused: true })
    const job = await create(server, { type })
    expectStatus(await askFor(server, "w", { types: [type] }, "0s"), 204)
    const waiting = claim(server, "w", { types: [type] })
    await put(server, type, { paused: false })
    assert.strictEqual((await waiting).id, job.id)
  })
})
