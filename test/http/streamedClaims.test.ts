/** A stream of assignments: as many as the worker has room for, as long as it reads. */
import { connect } from "node:net"
import { assert, it } from "@effect/vitest"
import { call, expectStatus, open } from "../support/http.ts"
import {
  assignmentIn,
  attempts,
  claim,
  create,
  createMany,
  finish,
  get,
  newName,
  report,
  type WireAssignment
} from "../support/jobs.ts"
import { type EventReader, eventsOf } from "../support/sse.ts"
import type { Server } from "../support/TestServer.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually, pass } from "../support/waiting.ts"

const stream = async (server: Server, worker: string, body: object, signal?: AbortSignal) => {
  const response = await open(server, "POST", "/jobs/attempt", {
    as: worker,
    json: body,
    headers: { accept: "text/event-stream" },
    ...(signal !== undefined && { signal })
  })
  assert.strictEqual(response.status, 200)
  return eventsOf(response)
}

const takeOne = async (reader: EventReader): Promise<WireAssignment> => {
  const { data, event, id } = await reader.take("an assignment")
  assert.strictEqual(event, "attempt", data)
  const assignment = assignmentIn(data)
  assert.strictEqual(id, assignment.attempt)
  return assignment
}

withServer("streamed claims", (server) => {
  it("begin with a comment at once, and tell of every assignment", async () => {
    const type = newName("type")
    const reader = await stream(server, "w", { types: [type], max: 2 })
    const next = reader.take("an assignment")
    await eventually(() => assert.deepStrictEqual(reader.comments, [" keep-alive"]))
    const { id } = await create(server, { type, parameters: { x: 1 } })
    const { data, event } = await next
    assert.strictEqual(event, "attempt")
    const assignment = assignmentIn(data)
    assert.deepStrictEqual(
      [assignment.id, assignment.assignee, assignment.parameters, assignment.attemptNumber],
      [id, "w", { x: 1 }, 1]
    )
  })

  it("never have more unfinished than max, and one more for each outcome of whatever kind", async () => {
    const type = newName("type")
    await createMany(
      server,
      Array.from({ length: 12 }, () => ({ type, maxAttempts: 1 }))
    )
    const reader = await stream(server, "w", { types: [type], max: 3 })
    const held = [await takeOne(reader), await takeOne(reader), await takeOne(reader)]
    const endings: ReadonlyArray<(one: WireAssignment) => Promise<unknown>> = [
      (one) => finish(server, one),
      (one) => report(server, one, "error", "no"),
      (one) => finish(server, one),
      (one) => call(server, "DELETE", `/jobs/${one.id}`).then(() => report(server, one, "release")),
      (one) =>
        call(server, "POST", "/outcomes", {
          as: "w",
          json: [{ job: one.id, attempt: one.attempt, result: 1 }]
        })
    ]
    for (const end of endings) {
      const next = reader.next("a credit to return")
      const early = await Promise.race([next, pass(60).then(() => "nothing" as const)])
      assert.strictEqual(early, "nothing")
      const one = held.shift() ?? assert.fail("nothing is held")
      await end(one)
      let event = await next
      if (event?.event === "cancel") event = await reader.take()
      assert.strictEqual(event?.event, "attempt")
      held.push(assignmentIn(event?.data ?? ""))
      const listed = await call(server, "GET", `/jobs?type=${type}&status=processing`)
      assert.strictEqual(JSON.parse(listed.text).items.length, 3)
    }
  })

  it("have room for as many as end at once", async () => {
    const type = newName("type")
    await createMany(
      server,
      Array.from({ length: 6 }, () => ({ type }))
    )
    const reader = await stream(server, "w", { types: [type], max: 3 })
    const held = [await takeOne(reader), await takeOne(reader), await takeOne(reader)]
    const json = held.map(({ attempt, id }) => ({ job: id, attempt, result: 1 }))
    expectStatus(await call(server, "POST", "/outcomes", { as: "w", json }), 200)
    const ids = [...held, await takeOne(reader), await takeOne(reader), await takeOne(reader)]
    assert.strictEqual(new Set(ids.map(({ id }) => id)).size, 6)
  })

  it("have room for one if they do not say", async () => {
    const type = newName("type")
    await createMany(server, [{ type }, { type }])
    const reader = await stream(server, "w", { types: [type] })
    const one = await takeOne(reader)
    const next = takeOne(reader)
    assert.strictEqual(await Promise.race([next.then(() => "a second"), pass(60)]), undefined)
    await finish(server, one)
    await next
  })

  it("give many jobs one after another", async () => {
    const type = newName("type")
    const reader = await stream(server, "w", { types: [type], max: 10 })
    const jobs = await createMany(
      server,
      Array.from({ length: 100 }, () => ({ type }))
    )
    const given = new Set<string>()
    const finishing: Array<Promise<void>> = []
    for (let i = 0; i < jobs.length; i++) {
      const one = await takeOne(reader)
      given.add(one.id)
      finishing.push(finish(server, one))
    }
    await Promise.all(finishing)
    assert.strictEqual(given.size, jobs.length)
  })

  it("drain when they are closed: what is held stays held, and nothing more is assigned", async () => {
    const type = newName("type")
    const closing = new AbortController()
    await createMany(server, [{ type }, { type }])
    const reader = await stream(server, "w", { types: [type], max: 2 }, closing.signal)
    const held = [await takeOne(reader), await takeOne(reader)]
    closing.abort()
    for (const one of held) await finish(server, one)
    const { id } = await create(server, { type })
    const other = await claim(server, "other", { types: [type] })
    assert.strictEqual(other.id, id)
    // Before the server knew that the stream was closed, it may have given the job to it, and then taken it back.
    for (const { outcome, worker } of await attempts(server, id)) {
      assert.strictEqual(outcome, worker === "w" ? "released" : null)
    }
  })

  it("give back what their reader never got", async () => {
    const type = newName("type")
    // About ten of them fit into the buffers between the server and a worker that does not read.
    const large = { type, parameters: "x".repeat(1_000_000) }
    const half = Array.from({ length: 12 }, () => large)
    const jobs = [...(await createMany(server, half)), ...(await createMany(server, half))]
    const socket = connect(server.port, "127.0.0.1")
    socket.on("error", () => undefined)
    socket.pause()
    const body = JSON.stringify({ types: [type], max: jobs.length })
    socket.write(
      "POST /jobs/attempt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gone\r\nAccept: text/event-stream\r\n" +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    )
    const outcomes = async () => {
      const all = await Promise.all(jobs.map(({ id }) => attempts(server, id)))
      return all.map(([first]) => (first === undefined ? "never given" : first.outcome))
    }
    // More than the buffers hold: so some of these can only wait in the server.
    await eventually(async () => {
      const given = (await outcomes()).filter((outcome) => outcome === null)
      assert.isAtLeast(given.length, 15)
    })
    socket.destroy()
    await eventually(async () => {
      const held = (await outcomes()).filter((outcome) => outcome === null)
      assert.isAtMost(held.length, 12)
    })
    const after = await outcomes()
    assert.isAtLeast(after.filter((outcome) => outcome === "released").length, 3)
    const back = jobs.filter((_, index) => after[index] !== null)
    assert.strictEqual((await get(server, back.at(0)?.id ?? "")).losses, 0)
    const given: Array<string> = []
    while (given.length < back.length) {
      given.push((await claim(server, "stays", { types: [type], lease: "1h" })).id)
    }
    assert.sameMembers(
      given,
      back.map(({ id }) => id)
    )
  })

  it("tell that a job is to be cancelled", async () => {
    const type = newName("type")
    const { id } = await create(server, { type })
    const reader = await stream(server, "w", { types: [type] })
    const one = await takeOne(reader)
    await call(server, "DELETE", `/jobs/${id}`)
    const { data, event } = await reader.take("cancel")
    assert.strictEqual(event, "cancel")
    const told = JSON.parse(data)
    assert.deepStrictEqual([told.job, told.attempt, told.reason], [id, one.attempt, "cancelled"])
    assert.isAtMost(told.graceSeconds, 0.6)
    await eventually(async () => assert.strictEqual((await get(server, id)).status, "cancelled"))
    const next = await create(server, { type })
    assert.strictEqual((await takeOne(reader)).id, next.id)
  })

  it("respect types, skills and the lease that is asked for", async () => {
    const type = newName("type")
    const reader = await stream(server, "w", {
      types: [`${type}*`],
      skills: { gpu: true },
      lease: "7s",
      max: 5
    })
    await create(server, { type: `x${type}` })
    const one = await create(server, {
      type: `${type}.a`,
      constraints: [{ skill: "gpu", op: "eq", value: true }]
    })
    const given = await takeOne(reader)
    assert.deepStrictEqual([given.id, given.lease], [one.id, "7s"])
  })
})
