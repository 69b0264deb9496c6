/** The server about itself. */
import { assert, it } from "@effect/vitest"
import { endpoints } from "../support/endpoints.ts"
import { asRecord, call, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
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
