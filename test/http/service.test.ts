/** The server about itself. */
import { assert, it } from "@effect/vitest"
import { endpoints } from "../support/endpoints.ts"
import {
  asRecord,
  call,
  type CallOptions,
  expectProblem,
  expectStatus,
  jsonOf,
  open
} from "../support/http.ts"
import { attemptPath, newName, startOne } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"

withServer("the service", (server) => {
  const get = (path: string) => call(server, "GET", path)

  it.each(["/healthz", "/readyz"])("is well, says %s", async (path) => {
    assert.deepStrictEqual(jsonOf(expectStatus(await get(path), 200)), { status: "ok" })
  })

  it("welcomes, and links to what there is to read", async () => {
    const welcome = asRecord(jsonOf(expectStatus(await get("/"), 200)))
    assert.strictEqual(welcome["name"], "lazyboss")
    for (const link of ["documentation", "openapi"]) expectStatus(await get(String(welcome[link])), 200)
  })

  it("describes every endpoint in OpenAPI 3.1", async () => {
    const answer = expectStatus(await get("/openapi.json"), 200)
    assert.match(answer.headers.get("content-type") ?? "", /^application\/json/)
    const document = asRecord(jsonOf(answer))
    assert.match(String(document["openapi"]), /^3\.1\./)
    const paths = asRecord(document["paths"])
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(asRecord(operations)).map((method) => `${method.toUpperCase()} ${path}`)
    )
    const expected = endpoints.map((endpoint) => endpoint.replace(/:(\w+)/g, "{$1}"))
    assert.sameMembers(described, expected)
    for (const operations of Object.values(paths)) {
      for (const operation of Object.values(asRecord(operations))) {
        assert.isString(asRecord(operation)["summary"])
      }
    }
  })

  it("says in OpenAPI which endpoints take credentials", async () => {
    const { components, paths } = asRecord(jsonOf(await get("/openapi.json")))
    assert.sameMembers(Object.keys(asRecord(asRecord(components)["securitySchemes"])), ["bearer", "basic"])
    const securityOf = (path: string, method: string) =>
      asRecord(asRecord(asRecord(paths)[path])[method])["security"]
    assert.deepStrictEqual(securityOf("/jobs", "post"), [{}, { bearer: [] }, { basic: [] }])
    assert.deepStrictEqual(securityOf("/healthz", "get"), [])
  })

  it("says in OpenAPI which requests need a body", async () => {
    const { paths } = asRecord(jsonOf(await get("/openapi.json")))
    const isNeeded = (path: string) =>
      asRecord(asRecord(asRecord(asRecord(paths)[path])["post"])["requestBody"])["required"]
    assert.deepStrictEqual([isNeeded("/jobs"), isNeeded("/jobs/attempt")], [true, false])
  })

  it("describes in OpenAPI the headers of its answers", async () => {
    const { paths } = asRecord(jsonOf(await get("/openapi.json")))
    // Of the connection and the body, which OpenAPI leaves out or says elsewhere.
    const usual = ["connection", "content-length", "content-type", "date", "keep-alive", "transfer-encoding"]
    const check = (
      method: string,
      path: string,
      { headers, status }: Pick<Response, "headers" | "status">
    ) => {
      const operation = asRecord(asRecord(asRecord(paths)[path])[method])
      const described = asRecord(asRecord(operation["responses"])[String(status)])["headers"] ?? {}
      const names = Object.keys(asRecord(described)).map((name) => name.toLowerCase())
      assert.sameMembers(
        [...headers.keys()].filter((name) => !usual.includes(name)),
        names.filter((name) => headers.has(name)),
        `${method} ${path} ${status}`
      )
      return headers
    }
    const name = newName("thing")
    const job = { type: name }
    const schedule = { cron: "0 0 1 1 *", job }
    const held = await startOne(server)
    const log = `/jobs/${held.id}/log`
    const tried: ReadonlyArray<readonly [string, string, string, CallOptions, string | null]> = [
      ["post", "/jobs", "/jobs", { json: job }, "location"],
      ["post", "/projects", "/projects", { json: { name } }, "location"],
      ["put", "/schedules/{name}", `/schedules/${name}`, { json: schedule }, "location"],
      ["post", "/schedules/{name}/run", `/schedules/${name}/run`, {}, "location"],
      ["post", "/jobs/attempt", "/jobs/attempt", { as: "w", json: { types: [name] } }, "location"],
      ["post", "/jobs/attempt", "/jobs/attempt", { json: {} }, "www-authenticate"],
      ["post", "/jobs/actions", "/jobs/actions", { json: { action: "retry", filter: job } }, "location"],
      ["get", "/jobs/{id}/log", log, {}, "accept-ranges"],
      ["get", "/jobs/{id}/log", log, { headers: { range: "bytes=9-" } }, "content-range"],
      ["get", "/jobs/{id}", `/jobs/${held.id}`, {}, null]
    ]
    for (const [method, path, address, options, header] of tried) {
      const answer = await call(server, method.toUpperCase(), address, options)
      const headers = check(method, path, answer)
      if (header !== null) assert.isTrue(headers.has(header), `${method} ${address}`)
    }
    for (const [method, path, address, options] of [
      ["get", "/events", "/events", { headers: { accept: "text/event-stream" } }],
      [
        "put",
        "/jobs/{id}/attempts/{attempt}/progress",
        attemptPath(held, "progress"),
        { as: held.assignee, body: "", headers: { "content-type": "text/event-stream" } }
      ]
    ] as const) {
      const response = await open(server, method.toUpperCase(), address, options)
      check(method, path, response)
      await response.body?.cancel()
    }
  })

  it("refers in OpenAPI only to what is there", async () => {
    const { text } = await get("/openapi.json")
    const document = asRecord(JSON.parse(text))
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, reference]) => reference ?? "")
    assert.isNotEmpty(references)
    for (const reference of references) {
      let found: unknown = document
      for (const key of reference.split("/")) {
        found = asRecord(found)[key.replaceAll("~1", "/").replaceAll("~0", "~")]
      }
      assert.isDefined(found, reference)
    }
  })

  it("shows its documentation without a request to another host", async () => {
    const answer = expectStatus(await get("/docs"), 200)
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/)
    // The browser itself keeps the page from asking elsewhere.
    const policy = answer.headers.get("content-security-policy") ?? ""
    assert.match(policy, /^default-src 'self'/)
    assert.notMatch(policy, /https?:|\*/)
    assert.include(answer.text, '"withDefaultFonts":false')
    const page = answer.text.replaceAll(/<script>[^]*?<\/script>/g, "")
    assert.notMatch(page, /(?:https?:)?\/\//)
  })

  it("takes no other method", async () => {
    for (const path of ["/", "/healthz", "/readyz", "/openapi.json", "/docs"]) {
      const answer = await call(server, "POST", path)
      expectProblem(answer, 405, "method-not-allowed")
      assert.strictEqual(answer.headers.get("allow"), "GET, HEAD")
    }
  })
})
