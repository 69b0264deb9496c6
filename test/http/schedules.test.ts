/** Schedules over HTTP. */
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
import { newName } from "../support/jobs.ts"
import { type Server, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

const yearly = "0 0 1 1 *"

const put = async (server: Server, name: string, wish: object, status = 201) =>
  asRecord(jsonOf(expectStatus(await call(server, "PUT", `/schedules/${name}`, { json: wish }), status)))

const get = async (server: Server, name: string) =>
  asRecord(jsonOf(expectStatus(await call(server, "GET", `/schedules/${name}`), 200)))

const run = async (server: Server, name: string) =>
  asRecord(jsonOf(expectStatus(await call(server, "POST", `/schedules/${name}/run`), 201)))

const statusOf = async (server: Server, job: unknown) =>
  asRecord(jsonOf(await call(server, "GET", `/jobs/${String(job)}`)))["status"]

withServer("schedules", (server) => {
  it("are made, shown, replaced and deleted", async () => {
    const name = newName("schedule")
    const made = await put(server, name, { cron: yearly, job: { type: "yearly", lease: "90s" } })
    assert.deepStrictEqual(
      [made["overlap"], made["catchUp"], made["timeZone"], made["paused"]],
      ["allow", "none", "UTC", false]
    )
    assert.deepStrictEqual(asRecord(made["job"]), { type: "yearly", lease: "90s" })
    assert.deepStrictEqual(await get(server, name), made)
    const ticks = made["nextTicks"]
    if (!Array.isArray(ticks)) return assert.fail("no list")
    assert.strictEqual(ticks.length, 5)
    for (const tick of ticks) assert.match(String(tick), /^\d{4}-01-01T00:00:00.000Z$/)

    const paused = await put(server, name, { cron: yearly, job: { type: "yearly" }, paused: true }, 200)
    assert.deepStrictEqual(paused["nextTicks"], [])
    const list = asRecord(jsonOf(expectStatus(await call(server, "GET", "/schedules?limit=1000"), 200)))
    assert.include(
      asRecords(list["items"]).map((one) => one["name"]),
      name
    )
    expectStatus(await call(server, "DELETE", `/schedules/${name}`), 204)
    expectProblem(await call(server, "GET", `/schedules/${name}`), 404, "schedule-not-found")
  })

  it.each([
    [{ cron: "* * * *" }, "cron"],
    [{ cron: "0 0 30 2 *" }, "cron"],
    [{ timeZone: "Mars/Base" }, "timeZone"],
    [{ timeZone: "+02:00" }, "timeZone"],
    [{ overlap: "maybe" }, "overlap"],
    [{ catchUp: "some" }, "catchUp"],
    [{ paused: "yes" }, "paused"],
    [{ oops: 1 }, "oops"],
    [{ job: {} }, "job.type"],
    [{ job: { type: "type", delay: "5m" } }, "job.delay"],
    [{ job: { type: "type", runAt: "2030-01-01T00:00:00Z" } }, "job.runAt"],
    [{ job: { type: "type", parameters: "x".repeat(70_000) } }, "job"]
  ])("are refused, naming the field: %#", async (wrong, path) => {
    const wish = { cron: yearly, job: { type: "type" }, ...wrong }
    const answer = await call(server, "PUT", `/schedules/${newName("schedule")}`, { json: wish })
    assert.deepStrictEqual(expectInvalid(answer), [path])
  })

  it("create jobs at their ticks, with the same way as any job", async () => {
    const name = newName("schedule")
    await put(server, name, { cron: "* * * * * *", job: { type: name, tags: ["ticking"] } })
    const shown = await eventually(async () => {
      const schedule = await get(server, name)
      assert.isNotNull(schedule["lastTick"])
      return schedule
    })
    const claim = await call(server, "POST", "/jobs/attempt?wait=20s", {
      as: "worker",
      json: { types: [name] }
    })
    const { id } = asRecord(jsonOf(expectStatus(claim, 201)))
    const job = asRecord(jsonOf(await call(server, "GET", `/jobs/${String(id)}`)))
    assert.deepStrictEqual([job["schedule"], job["tags"]], [name, ["ticking"]])
    assert.isString(shown["lastJob"])
    expectStatus(await call(server, "DELETE", `/schedules/${name}`), 204)
  })

  it("are run by hand, in a pause too", async () => {
    const name = newName("schedule")
    await put(server, name, { cron: yearly, job: { type: name }, paused: true })
    const job = await run(server, name)
    assert.deepStrictEqual([job["schedule"], job["status"]], [name, "pending"])
    const jobsOf = async (schedule: string) =>
      asRecords(
        asRecord(jsonOf(expectStatus(await call(server, "GET", `/jobs?schedule=${schedule}`), 200)))["items"]
      )
    assert.deepStrictEqual(await jobsOf(name), [job])
    assert.deepStrictEqual(await jobsOf("nothing"), [])
    const schedule = await get(server, name)
    assert.deepStrictEqual([schedule["lastJob"], schedule["lastTick"]], [job["id"], null])
    expectProblem(await call(server, "POST", "/schedules/nothing/run"), 404, "schedule-not-found")
  })

  it("that skip are not run by hand while a job is unfinished", async () => {
    const name = newName("schedule")
    await put(server, name, { cron: yearly, job: { type: name }, overlap: "skip" })
    const job = await run(server, name)
    const problem = expectProblem(await call(server, "POST", `/schedules/${name}/run`), 409, "schedule-busy")
    assert.strictEqual(problem["unfinished"], job["id"])
    expectStatus(await call(server, "DELETE", `/jobs/${String(job["id"])}`), 202)
    await run(server, name)
  })

  it("that replace cancel the unfinished job, and say why", async () => {
    const name = newName("schedule")
    await put(server, name, { cron: yearly, job: { type: name }, overlap: "replace" })
    const earlier = await run(server, name)
    const later = await run(server, name)
    const cancelled = asRecord(jsonOf(await call(server, "GET", `/jobs/${String(earlier["id"])}`)))
    assert.strictEqual(cancelled["status"], "cancelled")
    assert.include(String(asRecord(cancelled["error"])["message"]), name)
    assert.strictEqual(await statusOf(server, later["id"]), "pending")
    expectStatus(await call(server, "DELETE", `/schedules/${name}`), 204)
    assert.strictEqual(await statusOf(server, later["id"]), "pending")
  })
})
