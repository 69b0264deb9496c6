/** What comes over the socket and is not what an HTTP client would send. */
import { connect } from "node:net"
import { assert, it } from "@effect/vitest"
import { expectInvalid, expectProblem } from "../support/http.ts"
import { attemptPath, jobOf, list, newName, startOne } from "../support/jobs.ts"
import { answersIn, exchange } from "../support/rawSocket.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually, within } from "../support/waiting.ts"

withServer("raw sockets", (server) => {
  const only = async (...pieces: ReadonlyArray<string | Uint8Array>) => {
    const answers = answersIn(await exchange(server, ...pieces))
    assert.strictEqual(answers.length, 1)
    return answers[0] ?? assert.fail("no answer")
  }
  const post = (headers: string, body: string) =>
    `POST /jobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${headers}\r\n${body}`

  it.each([
    ["garbage", "garbage\r\n\r\n"],
    ["a TLS handshake", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
    ["zeros", "\0\0\0\0\0\0\0\0"],
    ["HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a header without a name", "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"],
    ["a header with a space in its name", "GET / HTTP/1.1\r\nHost: x\r\nA B: y\r\n\r\n"],
    ["a header with a zero", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"],
    ["a folded header", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"],
    ["two lengths", "POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"],
    ["a negative length", "POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}"],
    [
      "a length and chunks",
      "POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ],
    [
      "an unknown transfer encoding",
      "POST /jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, x\r\n\r\n0\r\n\r\n"
    ],
    [
      "chunked twice",
      "POST /jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"
    ],
    ["no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["two hosts", "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n"]
  ])("answers %s with a problem", async (_, text) => {
    const answer = await only(Buffer.from(text, "latin1"))
    assert.isAtLeast(answer.status, 400)
    assert.isBelow(answer.status, 500)
    assert.strictEqual(answer.headers.get("content-type"), "application/problem+json")
    const problem = JSON.parse(answer.text)
    assert.strictEqual(problem.status, answer.status)
    assert.match(problem.type, /^urn:lazyboss:problem:/)
    assert.isString(problem.title)
  })

  it("refuses headers that are too large", async () => {
    const answer = await only(`GET / HTTP/1.1\r\nHost: x\r\nA: ${"x".repeat(40_000)}\r\n\r\n`)
    expectProblem(answer, 431, "malformed-http")
    const many = Array.from({ length: 2_000 }, (_, index) => `H${index}: ${"x".repeat(20)}\r\n`).join("")
    expectProblem(await only(`GET / HTTP/1.1\r\nHost: x\r\n${many}\r\n`), 431, "malformed-http")
  })

  it("reads a body in chunks of whatever size", async () => {
    const type = newName("type")
    const body = `{"type":"${type}"}`
    const chunks = [...body].map((character) => `1\r\n${character}\r\n`)
    const answer = await only(post("Transfer-Encoding: chunked\r\n", ""), ...chunks, "0\r\n\r\n")
    assert.strictEqual(answer.status, 202, answer.text)
    assert.strictEqual(jobOf(answer).type, type)
  })

  it("stores nothing of a body that breaks off or has bad chunks", async () => {
    const type = newName("type")
    const body = `{"type":"${type}"}`
    const bad = await only(post("Transfer-Encoding: chunked\r\n", `zz\r\n${body}\r\n0\r\n\r\n`))
    assert.strictEqual(bad.status, 400, bad.text)
    const fragment = await exchangeAndLeave(post("Content-Length: 1000\r\n", body))
    assert.strictEqual(fragment, "")
    assert.deepStrictEqual((await list(server, `type=${type}`)).items, [])
  })

  const exchangeAndLeave = async (text: string): Promise<string> => {
    return new Promise((resolve) => {
      const socket = connect(server.port, "127.0.0.1")
      let received = ""
      socket.on("data", (data) => (received += String(data)))
      socket.write(text, () => socket.end())
      socket.once("close", () => resolve(received.replace(/^HTTP\/1\.1 400 [^]*$/, "")))
    })
  }

  it("ignores what follows a body of the given length, rather than storing it", async () => {
    const type = newName("type")
    const body = `{"type":"${type}"}`
    const answers = answersIn(
      await exchange(server, post(`Content-Length: ${body.length}\r\n`, `${body}${body}`))
    )
    assert.strictEqual(answers[0]?.status, 202)
    assert.strictEqual((await list(server, `type=${type}`)).items.length, 1)
  })

  it("answers several requests on one connection in their order", async () => {
    const type = newName("type")
    const requests = [1, 2, 3].map((priority) => {
      const body = JSON.stringify({ type, priority })
      return `POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    })
    const last = "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    const answers = answersIn(await exchange(server, requests.join("") + last))
    assert.deepStrictEqual(
      answers.map(({ status }) => status),
      [202, 202, 202, 404]
    )
    assert.deepStrictEqual(
      answers.slice(0, 3).map((answer) => jobOf(answer).priority),
      [1, 2, 3]
    )
  })

  it("goes on after a request that was refused on the same connection", async () => {
    const bad = "POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
    const last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    const answers = answersIn(await exchange(server, bad + last))
    assert.deepStrictEqual(
      answers.map(({ status }) => status),
      [415, 200]
    )
  })

  it("does not let a header in by way of another", async () => {
    const injected = "x%0d%0aSet-Cookie:%20a=b"
    for (const path of [`/jobs/${injected}`, `/${injected}`, `/jobs?type=${injected}`]) {
      const answer = await only(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      assert.isAtLeast(answer.status, 400)
      assert.isNull(answer.headers.get("set-cookie"))
    }
    const key = await only(post("Idempotency-Key: a\tb\r\nContent-Length: 12\r\n", '{"type":"x"}'))
    assert.deepStrictEqual(expectInvalid(key), ["idempotency-key"])
  })

  it("asks for a body that is announced by Expect: 100-continue", async () => {
    const body = '{"type":"x"}'
    const received = await exchange(
      server,
      post(`Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`, ""),
      body
    )
    assert.match(received, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 /)
    const tooLarge = await exchange(server, post("Expect: 100-continue\r\nContent-Length: 99999999\r\n", ""))
    assert.match(tooLarge, /^HTTP\/1\.1 413 /)
  })

  it("does not expect anything else of itself", async () => {
    const answer = await only(post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}"))
    expectProblem(answer, 417, "malformed-http")
  })

  it("needs no host in HTTP/1.0", async () => {
    assert.strictEqual((await only("GET /healthz HTTP/1.0\r\n\r\n")).status, 200)
  })

  it.each(["", "Expect: 100-continue\r\n"])(
    "does not answer in the middle of another answer (%j)",
    async (ask) => {
      const type = newName("type")
      const held = await startOne(server, { type })
      const request =
        `PUT ${attemptPath(held, "progress")} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${held.assignee}\r\n` +
        `Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n${ask}\r\n`
      const socket = connect(server.port, "127.0.0.1")
      let received = ""
      socket.on("data", (data) => (received += String(data)))
      socket.on("error", () => undefined)
      const closed = new Promise((resolve) => void socket.once("close", resolve))
      socket.write(request)
      await eventually(() => assert.include(received, ": keep-alive"))
      socket.write("this is no chunk\r\n")
      await within(closed, "the end of the connection")
      assert.strictEqual(received.split("HTTP/1.1 202").length, 2, received)
      assert.notInclude(received, "malformed-http")
    }
  )

  it("answers an address in its absolute form, and one that asks for an upgrade", async () => {
    const absolute = await only("GET http://x/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert.strictEqual(absolute.status, 200, absolute.text)
    const upgrade = await only(
      "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    )
    assert.strictEqual(upgrade.status, 200, upgrade.text)
    const socket = await only(
      "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    expectProblem(socket, 404, "not-found")
  })

  it("does not connect to elsewhere", async () => {
    const received = await exchange(server, "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert.notMatch(received, /^HTTP\/1\.1 2/)
  })
})
