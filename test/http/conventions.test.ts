/** What every endpoint has in common, tried at each endpoint of the contract: bad input, and how it is refused. */
import { randomUUID } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { at, endpoints, rows, split, withBody } from "../support/endpoints.ts"
import {
  asRecord,
  call,
  type CallOptions,
  expectInvalid,
  expectProblem,
  jsonOf,
  open
} from "../support/http.ts"
import { attempts, get, log, startOne, type WireAssignment, type WireJob } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"

/** The names of the schemas are the server's own: whoever sends another kind of JSON has never heard of them. */
withServer("another kind of JSON", (server) => {
  it.each([
    ["POST", "/jobs", "x"],
    ["POST", "/jobs/attempt", []],
    ["PUT", "/policies/x", 1],
    ["POST", "/projects", null],
    ["POST", "/tokens", []],
    ["PUT", "/schedules/x", true]
  ])("is refused in plain words by %s %s", async (method, path, json) => {
    const answer = await call(server, method, path, { as: "w", json })
    assert.deepStrictEqual(expectInvalid(answer), [""])
    assert.include(answer.text, '"must be an object"')
  })
})

it("has a row for each endpoint of the contract", () => {
  assert.sameMembers(Object.keys(rows), endpoints)
})

withServer("every endpoint", (server) => {
  // One job, tried by all and changed by none.
  let trying: Promise<{ readonly held: WireAssignment; readonly before: WireJob }> | undefined
  const victim = () => {
    trying ??= startOne(server, { lease: "1h", maxRun: "1h" }, "w").then(async (held) => ({
      held,
      before: await get(server, held.id)
    }))
    return trying
  }

  /** Sends something that must be refused, and makes sure that nothing came of it. */
  const refused = async (endpoint: string, options: CallOptions & { readonly path?: string } = {}) => {
    const [method, path] = split(endpoint)
    const { before, held } = await victim()
    const wait = path === "/jobs/attempt" ? "?wait=0s" : ""
    const answer = await call(server, method, options.path ?? at(path, held) + wait, {
      as: held.assignee,
      ...options
    })
    assert.deepStrictEqual(await get(server, held.id), before, endpoint)
    return answer
  }

  const all = Object.entries(rows)

  const sendText = (
    endpoint: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {}
  ) => refused(endpoint, { body, headers: { "content-type": "application/json", ...headers } })

  describe.each(all)("%s", (endpoint) => {
    const [method, path] = split(endpoint)

    it("refuses the other methods and names its own", async () => {
      const known = endpoints.map(split).filter(([, other]) => other === path)
      for (const other of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"]) {
        const isOwn = known.some(([own]) => own === other)
        if (!isOwn) {
          const answer = await refused(`${other} ${path}`)
          expectProblem(answer, 405, "method-not-allowed")
          const allowed = (answer.headers.get("allow") ?? "").split(", ")
          for (const [own] of known) assert.include(allowed, own)
        }
      }
    })

    it("answers only with what is accepted", async () => {
      const answer = await refused(endpoint, { headers: { accept: "image/png" } })
      expectProblem(answer, 406, "not-acceptable")
      expectProblem(await refused(endpoint, { headers: { accept: "*/*;q=0" } }), 406, "not-acceptable")
    })

    it("survives a query that is not well formed", async () => {
      const { held } = await victim()
      for (const query of ["?%", "?%E0%A4%A", "?a=%00", "?&&&===", `?${"x".repeat(4_000)}`]) {
        const answer = await call(server, method, at(path, held) + query, {
          headers: { accept: "image/png" }
        })
        expectProblem(answer, 406, "not-acceptable")
      }
    })
  })

  describe.each(all.filter(([endpoint]) => endpoint.includes(":id")))("%s", (endpoint, row) => {
    const [, path] = split(endpoint)

    it("refuses what is no id", async () => {
      const { held } = await victim()
      for (const bad of [
        "x",
        "0",
        held.id.toUpperCase(),
        `${held.id}0`,
        "%00",
        "%F0%9F%98%80",
        "x".repeat(400)
      ]) {
        const answer = await refused(endpoint, {
          path: path.replace(":id", bad).replace(":attempt", held.attempt),
          ...(row.body === "events" && { headers: { "content-type": "text/event-stream" } }),
          ...(row.body === "any JSON" && { json: 1 })
        })
        assert.deepStrictEqual(expectInvalid(answer), ["id"], bad)
      }
    })

    it("does not find an unknown id", async () => {
      const answer = await refused(endpoint, {
        path: path.replace(":id", randomUUID()).replace(":attempt", randomUUID()),
        ...(row.body === "events" && { headers: { "content-type": "text/event-stream" } }),
        ...(row.body === "any JSON" && { json: 1 }),
        ...(row.body === "fields" && { json: row.good })
      })
      expectProblem(answer, 404, row.unknownId ?? "job-not-found")
    })
  })

  describe.each(all.filter(([, row]) => row.role !== null))("%s", (endpoint) => {
    it("refuses an identity that it cannot understand", async () => {
      for (const authorization of ["Nonsense", "Bearer ", "Bearer -", "Basic %%%", "Plain x=y"]) {
        const answer = await refused(endpoint, { headers: { authorization } })
        expectProblem(answer, 401, "unauthenticated")
        assert.isNotNull(answer.headers.get("www-authenticate"))
      }
    })
  })

  describe.each(all.filter(([, row]) => row.needsIdentity))("%s", (endpoint, row) => {
    const [method, path] = split(endpoint)

    it("needs an identity", async () => {
      const { held } = await victim()
      const answer = await call(server, method, at(path, held), {
        ...(row.body === "any JSON" && { json: 1 })
      })
      expectProblem(answer, 401, "unauthenticated")
      assert.isNotNull(answer.headers.get("www-authenticate"))
    })
  })

  it.each(endpoints)("refuses unknown query parameters of %s by name", async (endpoint) => {
    const [, path] = split(endpoint)
    const { held } = await victim()
    const answer = await refused(endpoint, { path: `${at(path, held)}?wiat=5s` })
    assert.deepStrictEqual(expectInvalid(answer), ["wiat"])
  })

  describe.each(withBody)("%s", (endpoint, row) => {
    it.each([
      ["nothing but a brace", "{"],
      ["a trailing comma", '{"a":1,}'],
      ["single quotes", "{'a':1}"],
      ["two values", "1 2"],
      ["a comment", "/* */ 1"],
      ["an unfinished text", '"'],
      ["a word", "hello"],
      ["a lone BOM", "\uFEFF"],
      ["NaN", "NaN"],
      ["a number with a leading zero", "01"],
      ["a raw control character", '"\u0001"']
    ])("refuses %s", async (_, body) => {
      assert.deepStrictEqual(expectInvalid(await sendText(endpoint, body)), [""])
    })

    it("refuses a number that JSON can write but not hold", async () => {
      expectInvalid(await sendText(endpoint, endpoint.includes(":id") ? "1e999" : '[{"x":1e999}]'))
      expectInvalid(
        await sendText(endpoint, endpoint.includes(":id") ? '{"x":[-1e999]}' : '{"priority":1e999}')
      )
    })

    it("refuses what is not UTF-8", async () => {
      for (const bytes of [
        [0x22, 0xff, 0x22],
        [0x22, 0xc0, 0x80, 0x22],
        [0x22, 0xed, 0xa0, 0x80, 0x22],
        [0xff, 0xfe]
      ]) {
        assert.deepStrictEqual(expectInvalid(await sendText(endpoint, Uint8Array.from(bytes))), [""])
      }
    })

    it("refuses values nested deeper than 64", async () => {
      const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels)
      const refusal = await sendText(endpoint, deep(65))
      expectInvalid(refusal)
      assert.include(refusal.text, "nested")
      const objects = await sendText(endpoint, '{"a":'.repeat(65) + "1" + "}".repeat(65))
      assert.include(objects.text, "nested")
      expectInvalid(await sendText(endpoint, deep(100_000)))
      if (row.body === "fields") assert.notInclude((await sendText(endpoint, deep(64))).text, "nested")
    })

    it("refuses other media types and encodings", async () => {
      const good = JSON.stringify(row.good ?? 1)
      for (const type of [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "json",
        "multipart/form-data; boundary=x"
      ]) {
        const answer = await sendText(endpoint, good, { "content-type": type })
        expectProblem(answer, 415, "unsupported-media-type")
      }
      for (const charset of ["utf-16", "UTF-16LE", '"iso-8859-1"', "utf-8; charset=utf-16"]) {
        const answer = await sendText(endpoint, good, {
          "content-type": `application/json; charset=${charset}`
        })
        expectProblem(answer, 415, "unsupported-media-type")
        assert.include(answer.text, "UTF-8")
      }
      for (const encoding of ["gzip", "br", "deflate", "x"]) {
        const answer = await sendText(endpoint, good, { "content-encoding": encoding })
        expectProblem(answer, 415, "unsupported-media-type")
      }
    })
  })

  describe.each(withBody.filter(([, row]) => row.body === "fields"))("%s", (endpoint, row) => {
    it("names an unknown field and a wrong type", async () => {
      const { good, wrongType } = row
      const extended = Array.isArray(good) ? [{ ...good[0], oops: 1 }] : { ...Object(good), oops: 1 }
      const unknown = expectInvalid(await refused(endpoint, { json: extended }))
      assert.isTrue(
        unknown.some((path) => path.endsWith("oops")),
        unknown.join()
      )
      const wrong = expectInvalid(await refused(endpoint, { json: wrongType }))
      assert.isTrue(
        Object.keys(Array.isArray(wrongType) ? wrongType[0] : Object(wrongType)).some((field) =>
          wrong.some((path) => path.endsWith(field))
        ),
        wrong.join()
      )
      for (const body of ["1", '"x"', "true"]) expectInvalid(await sendText(endpoint, body))
    })
  })

  it("says of a query what is wrong with it", async () => {
    const { held } = await victim()
    const detailOf = async (path: string) => {
      const answer = await call(server, "GET", path)
      assert.lengthOf(expectInvalid(answer), 1, path)
      return asRecord(jsonOf(answer))["detail"]
    }
    const job = `/jobs/${held.id}`
    for (const path of ["/jobs?type=a&type=b", "/events?type=a&type=b"]) {
      assert.strictEqual(await detailOf(path), "type: is given more than once")
    }
    assert.strictEqual(await detailOf(`${job}?wait=1s&wait=1s`), "wait: is given more than once")
    assert.strictEqual(await detailOf("/jobs?limit=1&limit=1"), "limit: is given more than once")
    assert.strictEqual(await detailOf("/jobs?typ=a&typ=b"), "typ: is not a field that is known here")
    for (const wait of ["-1s", "", "soon", "601s", "5000d"]) {
      assert.match(
        String(await detailOf(`${job}?wait=${wait}`)),
        /^wait: must be a duration from 0 to 10m, as /
      )
    }
    for (const limit of ["0", "1001", "abc", "", "0x10", "1e2", "1.5", "-1", "%201", "99999"]) {
      assert.strictEqual(await detailOf(`/jobs?limit=${limit}`), "limit: must be 1 to 1000")
    }
  })

  it("does not take a body of which nobody says what it is", async () => {
    const body = new TextEncoder().encode('{"type":"json"}')
    expectProblem(await call(server, "POST", "/jobs", { body }), 415, "unsupported-media-type")
  })

  it("takes JSON under any name that is JSON", async () => {
    for (const type of [
      "application/json; charset=utf-8",
      'application/json;Charset="UTF-8"',
      "application/json; charset=us-ascii",
      "application/json; version=1",
      "APPLICATION/JSON",
      "application/vnd.x+json"
    ]) {
      const answer = await call(server, "POST", "/jobs", {
        body: new TextEncoder().encode('{"type":"json"}'),
        headers: { "content-type": type }
      })
      assert.strictEqual(answer.status, 202, `${type} ${answer.text}`)
    }
  })

  it("takes a BOM before the JSON, and leaves one within a text", async () => {
    const answer = await call(server, "POST", "/jobs", {
      body: '\uFEFF{"type":"bom","parameters":"\uFEFFx"}',
      headers: { "content-type": "application/json" }
    })
    assert.strictEqual(answer.status, 202, answer.text)
    assert.include(answer.text, '"\uFEFFx"')
  })

  it("takes a value nested 64 deep", async () => {
    const value = "[".repeat(63) + "]".repeat(63)
    const post = (parameters: string) =>
      call(server, "POST", "/jobs", {
        body: `{"type":"deep","parameters":${parameters}}`,
        headers: { "content-type": "application/json" }
      })
    const answer = await post(value)
    assert.strictEqual(answer.status, 202, answer.text)
    assert.include(answer.text, value)
    expectInvalid(await post(`[${value}]`))
  })

  it("finds nothing at addresses that there are not", async () => {
    for (const path of [
      "/nothing",

      "/jobs/x/y/z",
      "/JOBS",
      "/..%2f..%2fetc/passwd",
      `/${"x".repeat(5_000)}`,
      "/%",
      "/%ff",
      "/%00"
    ]) {
      for (const method of ["GET", "POST"]) {
        const answer = await call(server, method, path)
        expectProblem(answer, 404, "not-found")
        assert.isNull(answer.headers.get("allow"))
      }
    }
  })

  it("has stored nothing of all that", async () => {
    const { before, held } = await victim()
    assert.deepStrictEqual(await get(server, held.id), before)
    assert.strictEqual((await attempts(server, held.id)).length, 1)
    assert.strictEqual(await log(server, held.id), "")
  })

  it("answers HEAD as GET, without the body", async () => {
    const { held } = await victim()
    // A stream that never ends cannot be compared whole.
    for (const endpoint of endpoints.filter((one) => one.startsWith("GET ") && one !== "GET /events")) {
      const [, path] = split(endpoint)
      const whole = await call(server, "GET", at(path, held))
      const head = await open(server, "HEAD", at(path, held))
      assert.strictEqual(head.status, whole.status, endpoint)
      assert.strictEqual(await head.text(), "")
      assert.strictEqual(head.headers.get("content-type"), whole.headers.get("content-type"))
    }
    const missing = await open(server, "HEAD", `/jobs/${randomUUID()}`)
    assert.strictEqual(missing.status, 404)
  })
})
