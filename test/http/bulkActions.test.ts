/** Deciding about many jobs at once. */
import { randomUUID } from "node:crypto"
import { assert, it } from "@effect/vitest"
import { asRecord, call, expectInvalid, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
import { askFor, assignmentsOf, createMany, get, list, newName, startOne } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

withServer("bulk actions", (server) => {
  const ask = (json: object) => call(server, "POST", "/jobs/actions", { json, as: "ada" })
  const progress = async (id: unknown) =>
    asRecord(jsonOf(expectStatus(await call(server, "GET", `/jobs/actions/${String(id)}`), 200)))

  const act = async (action: "retry" | "cancel", filter: object) => {
    const answer = expectStatus(await ask({ action, filter }), 202)
    const shown = asRecord(jsonOf(answer))
    assert.deepInclude(shown, { action, filter })
    assert.strictEqual(answer.headers.get("location"), `/jobs/actions/${String(shown["id"])}`)
    return shown
  }

  const finished = (id: unknown) =>
    eventually(async () => {
      const shown = await progress(id)
      assert.isString(shown["finishedAt"])
      return shown
    })

  const createSome = async (count: number, job: { readonly type: string; readonly tags?: Array<string> }) => {
    for (let left = count; left > 0; left -= 1_000) {
      await createMany(
        server,
        Array.from({ length: Math.min(left, 1_000) }, () => job)
      )
    }
  }

  it("cancels and retries what fits, and nothing else", async () => {
    const type = newName("type")
    await createSome(3, { type, tags: ["x"] })
    await createSome(2, { type })
    const running = await startOne(server, { tags: ["x"] })
    const cancelled = await act("cancel", { type, tag: "x" })
    assert.strictEqual(cancelled["matched"], 3)
    assert.deepStrictEqual(await finished(cancelled["id"]), {
      ...cancelled,
      done: 3,
      finishedAt: (await progress(cancelled["id"]))["finishedAt"]
    })
    const statuses = async () => (await list(server, `type=${type}`)).items.map(({ status }) => status)
    assert.deepStrictEqual(await statuses(), ["pending", "pending", "cancelled", "cancelled", "cancelled"])
    // What somebody cancelled comes back only where that is said.
    assert.deepInclude(asRecord(jsonOf(await ask({ action: "retry", filter: { type } }))), {
      matched: 0,
      filter: { type, status: "failed" }
    })
    const retried = await act("retry", { type, status: "cancelled" })
    assert.strictEqual(retried["matched"], 3)
    assert.strictEqual((await finished(retried["id"]))["done"], 3)
    assert.deepStrictEqual(new Set(await statuses()), new Set(["pending"]))
    assert.strictEqual((await get(server, running.id)).status, "processing")
  })

  it("counts what is meant, without doing it, for whoever wants to know first", async () => {
    const type = newName("type")
    await createSome(3, { type })
    const forecast = async (json: object) => jsonOf(expectStatus(await ask({ ...json, dryRun: true }), 200))
    assert.deepStrictEqual(await forecast({ action: "cancel", filter: { type } }), {
      action: "cancel",
      filter: { type },
      dryRun: true,
      matched: 3
    })
    assert.deepStrictEqual(await forecast({ action: "retry", filter: { type } }), {
      action: "retry",
      filter: { type, status: "failed" },
      dryRun: true,
      matched: 0
    })
    const { items } = await list(server, `type=${type}`)
    assert.deepStrictEqual(new Set(items.map(({ status }) => status)), new Set(["pending"]))
    expectStatus(await ask({ action: "cancel", filter: { type }, dryRun: false }), 202)
  })

  it("retries ten thousand failed jobs, which wakes a worker that waits", async () => {
    const type = newName("type")
    await createSome(10_000, { type })
    assert.strictEqual((await finished((await act("cancel", { type }))["id"]))["done"], 10_000)
    const waiting = askFor(server, "w", { types: [type], max: 10 })
    const { id, matched } = await act("retry", { type, status: "cancelled" })
    assert.strictEqual(matched, 10_000)
    assert.isNotEmpty(assignmentsOf(expectStatus(await waiting, 201)))
    assert.strictEqual((await finished(id))["done"], 10_000)
    assert.deepStrictEqual((await list(server, `type=${type}&status=cancelled`)).items, [])
  })

  it("leaves alone what is created later", async () => {
    const type = newName("type")
    await createSome(1_000, { type })
    const { id } = await act("cancel", { type })
    await createSome(100, { type })
    assert.strictEqual((await finished(id))["done"], 1_000)
    assert.strictEqual((await list(server, `type=${type}&status=pending&limit=1000`)).items.length, 100)
  })

  it("refuses what it does not understand", async () => {
    const issues = async (json: object) => expectInvalid(await ask(json))
    assert.deepStrictEqual(await issues({ action: "retry" }), ["filter"])
    assert.deepStrictEqual(await issues({ filter: {} }), ["action"])
    assert.deepStrictEqual(await issues({ action: "delete", filter: {} }), ["action"])
    assert.deepStrictEqual(await issues({ action: "retry", filter: { typ: "a" } }), ["filter.typ"])
    assert.deepStrictEqual(await issues({ action: "retry", filter: { status: "dead" } }), ["filter.status"])
    assert.deepStrictEqual(await issues({ action: "retry", filter: null }), ["filter"])
    assert.deepStrictEqual(await issues({ action: "retry", filter: {}, dryRun: "yes" }), ["dryRun"])
    expectProblem(await call(server, "GET", `/jobs/actions/${randomUUID()}`), 404, "bulk-action-not-found")
  })
})
