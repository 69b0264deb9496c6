/** How large a body may be, however it is sent. */
import { assert, describe, it } from "@effect/vitest"
import { at, MiB, split, withBody } from "../support/endpoints.ts"
import { type Answer, call, expectProblem, expectStatus } from "../support/http.ts"
import { get, list, newName, startOne } from "../support/jobs.ts"
import { type Server, withServer } from "../support/TestServer.ts"

/** Sends a body in chunks, without saying how long it is. */
const sendInChunks = async (
  server: Server,
  method: string,
  path: string,
  body: Uint8Array<ArrayBuffer>
): Promise<Answer> => {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: "Bearer w", "content-type": "application/json" },
    body: new Blob([body]).stream(),
    duplex: "half"
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const jsonHeaders = { "content-type": "application/json" }

withServer("the largest bodies", (server) => {
  describe.each(withBody)("%s", (endpoint, row) => {
    it("refuses a body that is too large, however it is sent", async () => {
      const [method, path] = split(endpoint)
      const held = await startOne(server, {}, "w")
      const before = await get(server, held.id)
      const large = new Uint8Array((row.largest ?? MiB) + 1).fill(0x20)
      large[0] = 0x31
      const whole = await call(server, method, at(path, held), {
        as: "w",
        body: large,
        headers: { "content-type": "application/json" }
      })
      expectProblem(whole, 413, "payload-too-large")
      expectProblem(await sendInChunks(server, method, at(path, held), large), 413, "payload-too-large")
      assert.deepStrictEqual(await get(server, held.id), before)
    })
  })

  it("takes a body of exactly the limit", async () => {
    const body = (size: number) => {
      const start = '{"type":"large","parameters":"'
      return `${start}${"x".repeat(size - start.length - 2)}"}`
    }
    const post = (text: string) =>
      call(server, "POST", "/jobs", { body: text, headers: { "content-type": "application/json" } })
    assert.strictEqual((await post(body(MiB))).status, 202)
    expectProblem(await post(body(MiB + 1)), 413, "payload-too-large")
    // Of 16 MiB, commas and brackets included.
    const batch = (last: number) => `[${`${body(MiB)},`.repeat(15)}${body(last)}]`
    assert.strictEqual((await post(batch(MiB - 17))).status, 202)
    expectProblem(await post(batch(MiB - 16)), 413, "payload-too-large")
    // A page holds no more than it should, whatever is asked for.
    let count = 0
    for (let cursor = ""; ;) {
      const { items, next } = await list(server, `type=large${cursor}`)
      count += items.length
      if (next === null) break
      cursor = `&cursor=${next}`
    }
    assert.strictEqual(count, 17)
  })

  it("takes no more of one item of an array than of one that is sent alone", async () => {
    const type = newName("type")
    const body = (json: unknown) => ({ body: JSON.stringify(json), headers: jsonHeaders })
    const small = { type }
    const large = { type, parameters: "x".repeat(MiB + 1_024) }
    const jobs = await call(server, "POST", "/jobs", body([small, large]))
    assert.include(expectProblem(jobs, 413, "payload-too-large")["detail"], "number 1")
    const project = await call(server, "POST", "/projects", body({ name: "large", jobs: [large] }))
    expectProblem(project, 413, "payload-too-large")
    assert.deepStrictEqual((await list(server, `type=${type}`)).items, [])

    const { attempt, id: job } = await startOne(server, {}, "w")
    const report = (result: unknown) =>
      call(server, "POST", "/outcomes", { as: "w", ...body([{ job, attempt, result }]) })
    expectProblem(await report(large), 413, "payload-too-large")
    expectStatus(await report("x".repeat(MiB - 2)), 200)
  })
})
