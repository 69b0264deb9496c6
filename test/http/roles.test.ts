/** Who may do what: every endpoint of the contract for every role, and for those who have none. */
import { randomUUID } from "node:crypto"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import type { Role } from "../../src/domain/access/Token.ts"
import { at, rows, type Row, split } from "../support/endpoints.ts"
import { call, type CallOptions, expectProblem, expectStatus, open } from "../support/http.ts"
import { assignmentOf, attemptPath, create, newName, type WireJob } from "../support/jobs.ts"
import { createProject } from "../support/projects.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, type TestServer } from "../support/TestServer.ts"
import { createToken, createTokens, spellings } from "../support/tokens.ts"

let server: TestServer
let secrets: Record<Role, string>
beforeAll(async () => {
  server = await start(theStore, quickPolicy)
  secrets = await createTokens(server)
})
afterAll(() => server.stop())

const roles: ReadonlyArray<Role> = ["client", "worker", "supervisor"]

/** What an endpoint is sent when all is well, of a job that there is not. */
const send = async (endpoint: string, { body, good }: Row, options: CallOptions) => {
  const [method, path] = split(endpoint)
  const wait = path === "/jobs/attempt" ? "?wait=0s" : ""
  const whole =
    body === "fields"
      ? { json: good }
      : body === "any JSON"
        ? { json: 1 }
        : body === "events"
          ? { body: "", headers: { "content-type": "text/event-stream" } }
          : {}
  const response = await open(server, method, at(path, { id: randomUUID(), attempt: randomUUID() }) + wait, {
    ...whole,
    ...options,
    headers: { ...whole.headers, ...options.headers }
  })
  // It may be a stream that does not end.
  if (response.ok) await response.body?.cancel()
  return {
    status: response.status,
    headers: response.headers,
    text: response.ok ? "" : await response.text()
  }
}

describe.each(Object.entries(rows))(`%s (${theStore.name})`, (endpoint, row) => {
  it.each(roles)("knows what a %s may do", async (role) => {
    const answer = await send(endpoint, row, { as: secrets[role] })
    const mayDo = row.role === null || role === "supervisor" || [row.role, row.otherRole].includes(role)
    if (mayDo) assert.notInclude([401, 403], answer.status, answer.text)
    else expectProblem(answer, 403, "forbidden")
  })

  it("lets in nobody without the right secret, unless all are", async () => {
    const wrong = `${secrets.supervisor.slice(0, -1)}${secrets.supervisor.endsWith("A") ? "B" : "A"}`
    const named = [
      ["supervisor", wrong],
      ["supervisor", ""],
      ["client", secrets.supervisor],
      ["nobody", secrets.supervisor]
    ] as const
    const attempts = [
      {},
      { as: wrong },
      { as: "supervisor" },
      ...named.flatMap(([name, secret]) => Object.values(spellings).map((spell) => spell(name, secret)))
    ]
    for (const attempt of attempts) {
      const answer = await send(endpoint, row, attempt)
      if (row.role === null) {
        assert.strictEqual(answer.status, 200)
      } else {
        expectProblem(answer, 401, "unauthenticated")
        assert.isNotNull(answer.headers.get("www-authenticate"))
      }
    }
  })
})

describe(`what is whose (${theStore.name})`, () => {
  const createAs = (caller: CallOptions) => create(server, { type: newName("type") }, caller)
  const claimAs = async ({ type }: WireJob, caller: CallOptions) =>
    assignmentOf(
      expectStatus(await call(server, "POST", "/jobs/attempt", { ...caller, json: { types: [type] } }), 201)
    )

  it("a job is its creator's to change, to cancel and to retry, and the supervisor's", async () => {
    const other = await createToken(server, newName("client"), "client", secrets.supervisor)
    const job = await createAs({ as: secrets.client })
    assert.strictEqual(job.createdBy, "client")
    const path = `/jobs/${job.id}`
    const amendment = { json: { priority: 1 } }
    expectProblem(await call(server, "PATCH", path, { as: other, ...amendment }), 403, "not-yours")
    expectStatus(await call(server, "PATCH", path, { as: secrets.client, ...amendment }), 200)
    expectProblem(await call(server, "DELETE", path, { as: other }), 403, "not-yours")
    expectStatus(await call(server, "GET", path, { as: other }), 200)
    expectStatus(await call(server, "DELETE", path, { as: secrets.client }), 202)
    expectProblem(await call(server, "POST", `${path}/retry`, { as: other }), 403, "not-yours")
    expectStatus(await call(server, "POST", `${path}/retry`, { as: secrets.client }), 202)
    expectStatus(await call(server, "DELETE", path, { as: secrets.supervisor }), 202)
    expectStatus(await call(server, "POST", `${path}/retry`, { as: secrets.supervisor }), 202)
  })

  it("a project is its creator's to add to, to close and to cancel, and the supervisor's", async () => {
    const other = await createToken(server, newName("client"), "client", secrets.supervisor)
    const { createdBy, id } = await createProject(server, {}, { as: secrets.client })
    assert.strictEqual(createdBy, "client")
    const path = `/projects/${id}`
    const closing = { json: { closed: true } }
    const adding = { json: { type: newName("type"), project: id } }
    for (const as of [other, secrets.worker]) {
      const problem = as === other ? "not-yours" : "forbidden"
      expectProblem(await call(server, "POST", "/jobs", { as, ...adding }), 403, problem)
      expectProblem(await call(server, "PATCH", path, { as, ...closing }), 403, problem)
      expectProblem(await call(server, "DELETE", path, { as }), 403, problem)
    }
    const several = { json: [{ type: newName("type") }, adding.json] }
    expectProblem(await call(server, "POST", "/jobs", { as: other, ...several }), 403, "not-yours")
    expectStatus(await call(server, "GET", path, { as: other }), 200)
    for (const as of [secrets.client, secrets.supervisor]) {
      expectStatus(await call(server, "POST", "/jobs", { as, ...adding }), 202)
    }
    expectStatus(await call(server, "PATCH", path, { as: secrets.supervisor, ...closing }), 200)
    expectStatus(await call(server, "PATCH", path, { as: secrets.client, ...closing }), 200)
    expectStatus(await call(server, "DELETE", path, { as: secrets.client }), 202)
  })

  it("all instances of a client share what they created", async () => {
    const job = await createAs(spellings.Basic("client/1", secrets.client))
    assert.strictEqual(job.createdBy, "client")
    const cancel = spellings.Plain("client/2", secrets.client)
    expectStatus(await call(server, "DELETE", `/jobs/${job.id}`, cancel), 202)
  })

  it("a job that no client created is no client's", async () => {
    const job = await createAs({ as: secrets.supervisor })
    assert.strictEqual(job.createdBy, "supervisor")
    expectProblem(await call(server, "DELETE", `/jobs/${job.id}`, { as: secrets.client }), 403, "not-yours")
  })

  it.each(["Basic", "Plain"] as const)("a worker may be an instance of its token, by %s", async (scheme) => {
    for (const name of ["worker", "worker/7"]) {
      const job = await createAs({ as: secrets.client })
      const held = await claimAs(job, spellings[scheme](name, secrets.worker))
      assert.strictEqual(held.assignee, name)
    }
  })

  it("an attempt is the worker's to whom it was given, and no other's and no other instance's", async () => {
    const held = await claimAs(await createAs({ as: secrets.client }), { as: secrets.worker })
    assert.strictEqual(held.assignee, "worker")
    const result = attemptPath(held, "result")
    const address = `/jobs/${held.id}/attempts/${held.attempt}`
    const other = await createToken(server, newName("worker"), "worker", secrets.supervisor)
    for (const caller of [{ as: other }, spellings.Basic("worker/2", secrets.worker)]) {
      expectProblem(await call(server, "PUT", result, { ...caller, json: 1 }), 403, "wrong-worker")
      expectProblem(await call(server, "GET", address, caller), 403, "wrong-worker")
    }
    expectStatus(await call(server, "PUT", result, { as: secrets.worker, json: 1 }), 201)
    for (const as of Object.values(secrets)) expectStatus(await call(server, "GET", address, { as }), 200)
  })
})
