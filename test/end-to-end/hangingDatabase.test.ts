/** A PostgreSQL that takes connections and does not answer, as behind a network that swallows everything. */
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import { create } from "../support/jobs.ts"
import { forward } from "../support/databaseProxy.ts"
import { forkPostgres } from "../support/postgresServer.ts"
import { serve, type Serving } from "../support/serving.ts"
import { timed, within } from "../support/waiting.ts"

let postgres: Awaited<ReturnType<typeof forkPostgres>>
beforeAll(async () => {
  postgres = await forkPostgres()
})
afterAll(() => postgres.stop())

/** A server on a database that hangs from now on. */
const serveOnHanging = async () => {
  const url = new URL(`${postgres.url}/postgres`)
  const proxy = await forward(Number(url.port))
  url.port = String(proxy.port)
  const server = await serve(["--port", "0", "--database-url", url.href])
  await create(server, { type: "a" })
  proxy.hang()
  return server
}

/** Creates a job, and waits longer for it than other tests do. */
const createPatiently = async ({ url }: Serving): Promise<number> => {
  const options = { method: "POST", body: '{"type": "a"}', headers: { "content-type": "application/json" } }
  const { status } = await within(fetch(`${url}/jobs`, options), "POST /jobs", 60_000)
  return status
}

it("is told of to whoever writes before it gives up, and does not keep the server from stopping", async () => {
  const server = await serveOnHanging()
  const [status, waited] = await timed(() => createPatiently(server))
  assert.strictEqual(status, 503)
  // The driver tries for 5 s to take the statement back.
  assert.isBelow(waited, 30_000)
  assert.include(server.stderr(), "store away")
  const [, stopped] = await timed(server.stop)
  assert.isBelow(stopped, 10_000)
})

it("does not keep a server from stopping that has just begun to wait for it", async () => {
  const server = await serveOnHanging()
  const answer = createPatiently(server).catch(() => "cut off")
  const [, stopped] = await timed(server.stop)
  assert.isBelow(stopped, 10_000)
  assert.include([503, "cut off"], await answer)
})
