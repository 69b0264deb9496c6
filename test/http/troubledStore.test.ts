/** A store that is slow or away: nothing is acknowledged that is not stored, and whoever asks is told to come again. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import { call, expectProblem, expectStatus } from "../support/http.ts"
import { attemptPath, create, finish, follow, get, newName, report, startOne } from "../support/jobs.ts"
import { converse, seen, tell } from "../support/progress.ts"
import { sse } from "../support/sse.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, type TestServer } from "../support/TestServer.ts"
import { troubledStore } from "../support/troubledStore.ts"
import { eventually, pass } from "../support/waiting.ts"

const trouble = troubledStore(theStore)
let server: TestServer
beforeAll(async () => {
  server = await start(trouble.store, { ...quickPolicy, cancelGrace: Duration.hours(1) })
})
afterAll(() => server.stop())

/** That it is not answered as long as the store is held up, and is afterwards. */
const waitsForTheStore = async <A>(ask: () => Promise<A>): Promise<A> => {
  const goOn = trouble.holdUp()
  let isAnswered = false
  const answer = ask().then((answered) => {
    isAnswered = true
    return answered
  })
  await pass(150)
  assert.isFalse(isAnswered)
  goOn()
  return answer
}

describe(`a slow store (${theStore.name})`, () => {
  it("is waited for before a job is acknowledged", async () => {
    const job = await waitsForTheStore(() => create(server, { type: newName("type") }))
    assert.strictEqual((await get(server, job.id)).status, "pending")
  })

  it("is waited for before progress is acknowledged", async () => {
    const held = await startOne(server)
    const talk = await converse(server, held)
    assert.deepStrictEqual(
      await waitsForTheStore(() => {
        talk.say(sse(1, "log_chunk", "a"))
        return talk.events.take("seen")
      }),
      seen(1)
    )
    talk.hangUp()
    await talk.events.rest()
  })

  it("is waited for before an outcome is acknowledged", async () => {
    for (const what of ["result", "error", "release"] as const) {
      const held = await startOne(server)
      const body = what === "release" ? undefined : 1
      expectStatus(await waitsForTheStore(() => report(server, held, what, body)), 201)
    }
  })

  it("is waited for before a lease is prolonged, and a job cancelled", async () => {
    const held = await startOne(server)
    expectStatus(await waitsForTheStore(() => report(server, held, "heartbeat")), 200)
    expectStatus(await waitsForTheStore(() => call(server, "DELETE", `/jobs/${held.id}`)), 202)
  })
})

describe(`a store that is away (${theStore.name})`, () => {
  it("is answered for with 503 and when to come again", async () => {
    const held = await startOne(server)
    const { id } = held
    const asEvents = { "content-type": "text/event-stream" }
    trouble.fail()
    const answers = [
      await call(server, "POST", "/jobs", { json: { type: "x" } }),
      await call(server, "GET", `/jobs/${id}`),
      await call(server, "GET", `/jobs/${id}`, { headers: { accept: "text/event-stream" } }),
      await call(server, "DELETE", `/jobs/${id}`),
      await call(server, "POST", `/jobs/${id}/retry`),
      await report(server, held, "result", 1),
      await report(server, held, "error", 1),
      await report(server, held, "heartbeat"),
      await call(server, "PUT", attemptPath(held, "progress"), { as: held.assignee, headers: asEvents }),
      await call(server, "GET", "/readyz")
    ]
    const alive = await call(server, "GET", "/healthz")
    trouble.recover()
    for (const answer of answers) {
      expectProblem(answer, 503, "unavailable")
      assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/)
    }
    expectStatus(alive, 200)
    expectStatus(await call(server, "GET", "/readyz"), 200)
    await finish(server, held)
  })

  it("is told of in words when its disk is full, without internals", async () => {
    trouble.fail(new StoreUnavailable({ cause: new Error("/var/lib/17/base"), trouble: "full" }))
    const answer = await call(server, "POST", "/jobs", { json: { type: "x" } })
    trouble.recover()
    expectProblem(answer, 503, "unavailable")
    assert.include(answer.text, "the database has no space left")
    assert.notInclude(answer.text, "/var/lib")
  })

  it("is not told of in detail when something else is wrong", async () => {
    const { id } = await create(server, { type: newName("type") })
    trouble.fail(new Error("the secret of line 42"))
    const answer = await call(server, "GET", `/jobs/${id}`)
    trouble.recover()
    expectProblem(answer, 500, "internal")
    assert.notInclude(answer.text, "secret")
    assert.isNull(answer.headers.get("retry-after"))
    assert.isTrue(server.errors.some((error) => error.includes("the secret of line 42")))
  })
})

describe(`those who have gone (${theStore.name})`, () => {
  it("are let go: no follower reads on for nobody", async () => {
    const held = await startOne(server)
    const stays = await follow(server, held.id)
    await stays.take()
    for (let count = 0; count < 50; count++) {
      const gone = new AbortController()
      await follow(server, held.id, undefined, gone.signal)
      gone.abort()
    }
    let event = 0
    await eventually(async () => {
      const before = trouble.progressReads()
      event += 1
      await tell(server, held, sse(event, "percent", "1"))
      await stays.take("what only one reads")
      await get(server, held.id)
      assert.strictEqual(trouble.progressReads() - before, 1)
    })
  })
})
