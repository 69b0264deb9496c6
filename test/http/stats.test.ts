/** How things stand, over HTTP. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { TypeList } from "../../src/domain/api/Stats.ts"
import { StatsSnapshot, TypeStats } from "../../src/domain/stats/StatsSnapshot.ts"
import { call, expectProblem, expectStatus, jsonOf, open } from "../support/http.ts"
import { askFor, claim, create, createMany, finish, follow, newName, report } from "../support/jobs.ts"
import { eventsOf } from "../support/sse.ts"
import { type Server, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const options = { onExcessProperty: "error" } as const
const toSnapshot = Schema.decodeUnknownSync(Schema.toEncoded(StatsSnapshot), options)
const toList = Schema.decodeUnknownSync(Schema.toEncoded(TypeList), options)
const toType = Schema.decodeUnknownSync(Schema.toEncoded(TypeStats), options)

const get = async (server: Server, path: string) => jsonOf(expectStatus(await call(server, "GET", path), 200))
const stats = async (server: Server) => toSnapshot(await get(server, "/stats"))
const statsOf = async (server: Server, type: string) => toType(await get(server, `/types/${type}`))

withServer("stats", (server) => {
  it("tell what became of the jobs of a type", async () => {
    const type = newName("type")
    await createMany(
      server,
      [{}, {}, {}, {}, { delay: "1h" }].map((job) => ({ type, ...job }))
    )
    await finish(server, await claim(server, "worker", { types: [type] }))
    await report(server, await claim(server, "worker", { types: [type] }), "error", { retryable: false })
    await claim(server, "worker", { types: [type] })
    await eventually(async () => {
      const { counts, oldestPending, totals } = await statsOf(server, type)
      assert.deepStrictEqual(counts, {
        scheduled: 1,
        pending: 1,
        processing: 1,
        done: 1,
        failed: 1,
        cancelled: 0
      })
      assert.deepStrictEqual(totals, {
        created: 5,
        assigned: 3,
        returned: 0,
        done: 1,
        failed: 1,
        cancelled: 0,
        retried: 0
      })
      assert.match(oldestPending ?? "", /^\d{4}-.*Z$/)
    })
    const list = toList(await get(server, "/types"))
    const all = await stats(server)
    for (const types of [list.items, all.types]) {
      assert.strictEqual(types.find((one) => one.type === type)?.counts.done, 1)
    }
    assert.isFalse(list.truncated)
    assert.isAtLeast(all.total.totals.created, 5)
  })

  it("know the pace as soon as there is something to compare with", async () => {
    const type = newName("type")
    await stats(server)
    await create(server, { type })
    await eventually(async () => {
      const { failureRate, rates } = await statsOf(server, type)
      assert.isAbove(rates?.created ?? 0, 0)
      assert.isNull(failureRate)
    })
  })

  it("tell of the server who waits at it, and what is open", async () => {
    const job = await create(server, { type: newName("type") })
    const hangUp = new AbortController()
    const poll = askFor(server, "worker", { types: [newName("nothing")] }, "60s", { signal: hangUp.signal })
    const gone = poll.catch(() => undefined)
    const reader = await follow(server, job.id, undefined, hangUp.signal)
    await reader.next()
    await eventually(async () => {
      const now = await stats(server)
      assert.isAtLeast(now.vacancies, 1)
      assert.isAtLeast(now.streams.followers, 1)
      assert.match(String(now.uptime), /^\d+(?:ms|s|m|h|d)$/)
    })
    hangUp.abort()
    await gone
    await eventually(async () => {
      const { streams, vacancies } = await stats(server)
      assert.deepStrictEqual([streams.followers, vacancies], [0, 0])
    })
  })

  it("come with the feed of events as well", async () => {
    const type = newName("type")
    await create(server, { type })
    const hangUp = new AbortController()
    const feed = eventsOf(await open(server, "GET", "/events", { signal: hangUp.signal }))
    while (true) {
      const { data, event } = await feed.take("stats with the new type")
      if (event !== "stats") continue
      if (toSnapshot(JSON.parse(data)).types.some((one) => one.type === type)) break
    }
    hangUp.abort()
  })

  it("show the limits of a type", async () => {
    const type = newName("type")
    await create(server, { type })
    expectStatus(
      await call(server, "PUT", `/policies/${type}`, { json: { paused: true, concurrency: 7 } }),
      200
    )
    await eventually(async () => {
      const { concurrency, paused } = await statsOf(server, type)
      assert.deepStrictEqual([concurrency, paused], [7, true])
    })
  })

  it("know nothing of a type that never had a job", async () => {
    expectProblem(await call(server, "GET", `/types/${newName("type")}`), 404, "type-not-found")
  })
})
