/** `lazyboss serve` as a user meets it: how it begins, why it refuses to, and how it ends. */
import { existsSync } from "node:fs"
import { cp, readFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { asRecord, call, expectProblem, expectStatus, jsonOf } from "../support/http.ts"
import { create, follow, get, newName, report, startOne } from "../support/jobs.ts"
import { launch, type LaunchOptions, newFolder, type Program, root, runToEnd } from "../support/processes.ts"
import { converse, seen } from "../support/progress.ts"
import { answersIn, begin, exchange } from "../support/rawSocket.ts"
import { cli, launchServe, newDataDir, serve, serveEmbedded } from "../support/serving.ts"
import { sse } from "../support/sse.ts"
import { eventually, timed } from "../support/waiting.ts"

const freePort = async (): Promise<number> => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe("a server that starts", () => {
  it("says so in one line, on a free port", async () => {
    const dataDir = join(await newFolder(), "new", "data")
    const server = await serve(["--port", "0", "--data-dir", dataDir])
    assert.strictEqual(
      server.readyLine,
      `lazyboss is listening on http://127.0.0.1:${server.port} (embedded, ${dataDir})`
    )
    assert.isAbove(server.port, 0)
    expectStatus(await call(server, "GET", "/readyz"), 200)
    await server.stop()
    assert.strictEqual(server.stdout(), `${server.readyLine}\n`)
  })

  it("takes its settings from the environment", async () => {
    const [port, dataDir] = [await freePort(), await newDataDir()]
    const server = await serve([], {
      env: { PORT: String(port), HOST: "localhost", LAZYBOSS_DATA_DIR: dataDir, LAZYBOSS_MAX_BODY: "2 KiB" }
    })
    assert.strictEqual(server.port, port)
    const jobOf = (size: number) => ({ json: { type: "a", parameters: "x".repeat(size) } })
    expectStatus(await call(server, "POST", "/jobs", jobOf(2_000)), 202)
    expectProblem(await call(server, "POST", "/jobs", jobOf(2_100)), 413, "payload-too-large")
    assert.include(server.readyLine, `(embedded, ${dataDir})`)
    await server.stop()
  })

  it("keeps pages on the web from what is open to this machine", async () => {
    const folder = await newDataDir()
    const server = await serve(["--port", "0", "--data-dir", folder])
    const own = `127.0.0.1:${server.port}`
    const statusOf = async (headers: string): Promise<number | undefined> => {
      const request = `POST /jobs/actions HTTP/1.1\r\n${headers}\r\nConnection: close\r\n`
      const json = '{"action":"retry","filter":{}}'
      const body = `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`
      const [answer] = answersIn(await exchange(server, request + body))
      return answer?.status
    }
    for (const host of [own, `localhost:${server.port}`, "[::1]:1", "a.localhost", "127.0.0.2"]) {
      assert.strictEqual(await statusOf(`Host: ${host}\r\nOrigin: http://${host}`), 202, host)
    }
    // Whoever names no page is no browser.
    assert.strictEqual(await statusOf("Host: proxy.example"), 202)
    // The first is by a name that leads here, the others are by pages that ask without being let read the answer.
    for (const headers of [
      "Host: evil.example\r\nOrigin: http://evil.example",
      `Host: ${own}\r\nOrigin: https://evil.example`,
      `Host: ${own}\r\nOrigin: null`
    ]) {
      assert.strictEqual(await statusOf(headers), 403, headers)
    }
    const created = await call(server, "POST", "/tokens", { json: { name: "ann", role: "supervisor" } })
    const token = String(asRecord(jsonOf(created))["token"])
    assert.strictEqual(await statusOf(`Host: lazyboss.example\r\nAuthorization: Bearer ${token}`), 202)
    await server.stop()

    const open = await serve(["--port", "0", "--open", "--data-dir", await newDataDir()])
    const [answer] = answersIn(
      await exchange(
        open,
        "GET /jobs HTTP/1.1\r\nHost: a.example\r\nOrigin: http://a.example\r\nConnection: close\r\n\r\n"
      )
    )
    assert.strictEqual(answer?.status, 200)
    await open.stop()
  })

  it("takes options before the environment, and .lazyboss in the working directory otherwise", async () => {
    const cwd = await newFolder()
    await cp(await newDataDir(), join(cwd, ".lazyboss"), { recursive: true })
    const server = await serve(["--port", "0"], { cwd, env: { PORT: "1" } })
    assert.notStrictEqual(server.port, 1)
    assert.include(server.readyLine, "(embedded, .lazyboss)")
    await server.stop()
  })
})

describe("a server that cannot start says why in one line", { concurrent: true }, () => {
  const refuses = async (program: Program, reason: RegExp, status = 1) => {
    assert.deepStrictEqual(await program.ended(30_000), { status, signal: null }, program.stderr())
    assert.match(program.stderr(), /^lazyboss: [^\n]+\n$/)
    assert.match(program.stderr(), reason)
    assert.strictEqual(program.stdout(), "")
  }
  type Case = [string, ReadonlyArray<string>, Record<string, string>, RegExp]
  const mistakes: ReadonlyArray<Case> = [
    ["a port that is none", ["--port", "http"], {}, /--port.*"http"/],
    ["a port beyond the last", ["--port", "65536"], {}, /a port is a number from 0 to 65535/],
    ["a PORT that is none", [], { PORT: "http" }, /PORT/],
    ["a PORT beyond the last", [], { PORT: "65536" }, /PORT: a port is a number from 0 to 65535/],
    ["a --max-body that is none", ["--max-body", "much"], {}, /--max-body.*"much"/],
    ["a LAZYBOSS_MAX_BODY out of range", [], { LAZYBOSS_MAX_BODY: "17 MiB" }, /1 KiB to 16 MiB/],
    ["an option that does not exist", ["--prot", "80"], {}, /--prot.*--port/]
  ]
  const troubles: ReadonlyArray<Case> = [
    [
      "no server at the DATABASE_URL",
      [],
      { DATABASE_URL: "postgres://u:hush@127.0.0.1:1/jobs" },
      /ECONNREFUSED/
    ],
    ["no address in the DATABASE_URL", ["--database-url", "nonsense"], {}, /database URL/],
    ["another database's URL", [], { DATABASE_URL: "mysql://u:hush@localhost/jobs" }, /postgres:/]
  ]
  it.each(mistakes)("%s", async (_, args, env, reason) => {
    await refuses(launchServe(args, { env, cwd: await newFolder() }), reason, 2)
  })
  it.each(troubles)("%s", async (_, args, env, reason) => {
    const program = launchServe(args, { env, cwd: await newFolder() })
    await refuses(program, reason)
    assert.notInclude(program.stderr(), "hush")
  })

  it("an address that others can reach, as long as there is no token", async () => {
    const dataDir = await newDataDir()
    await refuses(launchServe(["--data-dir", dataDir, "--host", "0.0.0.0"]), /token create.*--open/)
    await refuses(launchServe(["--data-dir", dataDir], { env: { HOST: "::" } }), /token create.*--open/)
  })

  it("a data directory or a port in use", async () => {
    const dataDir = await newDataDir()
    const server = await serve(["--port", "0", "--data-dir", dataDir])
    await refuses(
      launchServe(["--port", "0", "--data-dir", dataDir]),
      new RegExp(`in use by process ${server.pid}`)
    )
    await refuses(
      launchServe(["--port", String(server.port), "--data-dir", await newDataDir()]),
      new RegExp(`port ${server.port} of 127\\.0\\.0\\.1 is in use`)
    )
    await server.stop()
  })

  it("a data directory that is a file", async () => {
    await refuses(launchServe(["--port", "0", "--data-dir", cli]), /--data-dir/)
  })
})

describe("lazyboss", () => {
  const run = (args: ReadonlyArray<string>, options?: LaunchOptions) =>
    runToEnd(process.execPath, [cli, ...args], options)

  it("--help", async () => {
    assert.include(await run(["--help"]), "serve")
    const help = await run(["serve", "--help"])
    for (const option of [
      "--port",
      "--host",
      "--database-url",
      "--data-dir",
      "--max-body",
      "--open",
      "--log-format",
      "--log-level"
    ])
      assert.include(help, option)
  })

  it("--version", async () => {
    const { version }: { version: string } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
    assert.strictEqual((await run(["--version"])).trim(), `lazyboss v${version}`)
  })

  it("refuses what it does not know", async () => {
    const program = launch(process.execPath, [cli, "nonsense"])
    assert.deepStrictEqual(await program.ended(), { status: 2, signal: null })
    assert.match(program.stderr(), /^lazyboss: [^\n]*nonsense[^\n]*\n$/)
  })
})

describe("a server that is told to stop", () => {
  it("by SIGTERM, lets go of all who wait, and goes on later where it was", async () => {
    const dataDir = await newDataDir()
    const server = await serve(["--port", "0", "--data-dir", dataDir])
    const held = await startOne(server)
    const waiting = await create(server, { type: newName("waiting"), parameters: { n: 1 } })
    const polls = [1, 2, 3].map((n) =>
      begin(server, "POST", "/jobs/attempt?wait=60s", { as: `poll-${n}`, json: { types: ["never"] } })
    )
    const begun = await Promise.all(polls)
    const follower = await follow(server, held.id)
    await follower.take("the job as it is")
    const conversation = await converse(server, held)
    conversation.say(sse(1, "percent", "10"))
    assert.deepStrictEqual(await conversation.events.take(), seen(1))

    const [ending, millis] = await timed(() => {
      server.signal("SIGTERM")
      return server.ended()
    })
    assert.deepStrictEqual(ending, { status: 0, signal: null }, server.stderr())
    assert.isBelow(millis, 10_000)
    for (const poll of begun) expectStatus(await poll.answer(), 204)
    await follower.rest()
    await conversation.events.rest()
    conversation.cut()

    const again = await serve(["--port", "0", "--data-dir", dataDir])
    assert.deepStrictEqual(await get(again, waiting.id), waiting)
    assert.strictEqual((await get(again, held.id)).progress?.percent, 10)
    expectStatus(await report(again, held, "result", { ok: true }), 201)
    await again.stop()
  })

  it("by SIGINT, answers what is under way", async () => {
    const server = await serveEmbedded()
    const held = await startOne(server)
    const conversation = await converse(server, held)
    const answers = Array.from({ length: 20 }, () =>
      call(server, "POST", "/jobs", { json: { type: "x" } }).then(
        ({ status }) => status,
        () => "refused"
      )
    )
    server.signal("SIGINT")
    assert.deepStrictEqual(await server.ended(), { status: 0, signal: null })
    for (const answer of answers) assert.include([202, 503, "refused"], await answer)
    await conversation.events.rest()
  })

  it("twice, or by kill -9, ends at once and loses nothing that it had acknowledged", async () => {
    const dataDir = await newDataDir()
    const first = await serve(["--port", "0", "--data-dir", dataDir])
    const { id } = await create(first, { type: "x" })
    first.signal("SIGTERM")
    first.signal("SIGTERM")
    const { status } = await first.ended()
    assert.include([0, 130, 143, null], status)

    const second = await serve(["--port", "0", "--data-dir", dataDir])
    assert.strictEqual((await get(second, id)).status, "pending")
    const held = await startOne(second)
    const other = await create(second, { type: "x" })
    await second.kill()

    const third = await serve(["--port", "0", "--data-dir", dataDir])
    assert.strictEqual((await get(third, other.id)).status, "pending")
    expectStatus(await report(third, held, "result", 1), 201)
    await third.stop()
  })

  it("while it starts", async () => {
    const dataDir = join(await newFolder(), "data")
    const program = launchServe(["--port", "0", "--data-dir", dataDir])
    await eventually(() => assert.isTrue(existsSync(dataDir)), 30_000)
    program.signal("SIGTERM")
    assert.deepStrictEqual(await program.ended(60_000), { status: 0, signal: null }, program.stderr())
    assert.strictEqual(program.stdout(), "")
    const server = await serve(["--port", "0", "--data-dir", dataDir])
    await server.stop()
  })
})
