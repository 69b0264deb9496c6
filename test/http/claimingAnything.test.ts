/** Asking without a body, which is asking for anything: on a server of its own. */
import { assert, it } from "@effect/vitest"
import { call, expectStatus } from "../support/http.ts"
import { assignmentOf, create } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"

withServer("asking for anything", (server) => {
  it("gives any job without constraints", async () => {
    const ask = (headers: Record<string, string> = {}, body?: string) =>
      call(server, "POST", "/jobs/attempt?wait=0s", {
        as: "w",
        headers,
        ...(body !== undefined && { body })
      })
    await create(server, { type: "demanding", constraints: [{ skill: "gpu", op: "exists" }] })
    const one = await create(server, { type: "one" })
    const two = await create(server, { type: "two" })
    const three = await create(server, { type: "three" })
    assert.strictEqual(assignmentOf(expectStatus(await ask(), 201)).id, one.id)
    assert.strictEqual(
      assignmentOf(expectStatus(await ask({ "content-type": "application/json" }, "{}"), 201)).id,
      two.id
    )
    // As curl sends `-d ''`.
    const empty = await ask({ "content-type": "application/x-www-form-urlencoded" }, "")
    assert.strictEqual(assignmentOf(expectStatus(empty, 201)).id, three.id)
    expectStatus(await ask(), 204)
  })
})
