/** How a caller may say what it takes. */
import { assert, it } from "@effect/vitest"
import { call, expectProblem, expectStatus } from "../support/http.ts"
import { startOne } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"

withServer("what is accepted", (server) => {
  it.each([
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json ; charset = "utf-8" ;q=0.5, image/png',
    ""
  ])("is JSON if it is %s", async (accept) => {
    const { id } = await startOne(server)
    for (const path of ["/jobs?limit=1", `/jobs/${id}`, "/stats", "/healthz"]) {
      const answer = await call(server, "GET", path, { headers: { accept } })
      expectStatus(answer, 200)
      assert.strictEqual(answer.headers.get("content-type"), "application/json")
    }
  })

  it("is the log by the very type that it has", async () => {
    const { id } = await startOne(server)
    const { headers } = await call(server, "GET", `/jobs/${id}/log`)
    const accept = headers.get("content-type") ?? assert.fail("no type")
    expectStatus(await call(server, "GET", `/jobs/${id}/log`, { headers: { accept } }), 200)
  })

  it("is nothing in another encoding, or that is refused", async () => {
    for (const accept of ["application/json; charset=iso-8859-1", "application/json; charset=utf-8; q=0"]) {
      const answer = await call(server, "GET", "/jobs?limit=1", { headers: { accept } })
      expectProblem(answer, 406, "not-acceptable")
    }
  })
})
