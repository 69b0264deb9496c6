/** The log of a server, as whoever runs it reads it: on standard error, a line for each thing. */
import { assert, describe, it } from "@effect/vitest"
import { asRecord, call, expectStatus } from "../support/http.ts"
import { create, newName, startOne } from "../support/jobs.ts"
import { newDataDir, serve, type Serving } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

const serveWith = async (env: Record<string, string>, ...options: ReadonlyArray<string>) =>
  serve(["--port", "0", "--data-dir", await newDataDir(), ...options], { env })

const linesOf = (server: Serving) =>
  server
    .stderr()
    .trimEnd()
    .split("\n")
    .map((line) => asRecord(JSON.parse(line)))

describe("the log", () => {
  it("is JSON where nobody looks, has what was decided, and no secrets", async () => {
    const server = await serveWith({ LAZYBOSS_LOG_LEVEL: "debug" })
    const type = newName("type")
    const secret = "s3cret-t0ken"
    const headers = { authorization: `Basic ${Buffer.from(`render-7:${secret}`).toString("base64")}` }
    const { id } = await create(server, { type, lease: "1s" })
    const claimed = await call(server, "POST", "/jobs/attempt", {
      headers,
      json: { types: [type] }
    })
    expectStatus(claimed, 201)
    await call(server, "POST", "/jobs", { headers, body: "nonsense" })
    const lost = await eventually(() => {
      const line = linesOf(server).find(({ message }) => message === "attempt lost")
      return line ?? assert.fail("the loss was not logged")
    })
    assert.deepInclude(lost, { level: "warn", job: id, type, worker: "render-7", reason: "lease" })
    await server.stop()
    assert.notInclude(server.stderr(), secret)
    assert.notInclude(server.stderr(), headers.authorization)
    const lines = linesOf(server)
    assert.deepStrictEqual(
      lines
        // Written down now or later, with other workers.
        .filter(({ message }) => message !== "worker seen")
        .map(({ level, message }) => `${String(level)}: ${String(message)}`),
      [
        "debug: Migrations complete",
        "info: server started",
        "debug: job created",
        "debug: job assigned",
        "warn: attempt lost",
        "info: server stopping"
      ]
    )
    for (const { time } of lines) assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.strictEqual(server.stdout(), `${server.readyLine}\n`)
  })

  it("is for people if that is wanted, and has no more than is wanted", async () => {
    const server = await serveWith(
      { LAZYBOSS_LOG_FORMAT: "json" },
      "--log-format",
      "pretty",
      "--log-level",
      "warn"
    )
    const { id } = await startOne(server, { lease: "1s" })
    const line = /^\S+Z WARN  attempt lost job=(\S+) [^\n]*reason=lease[^\n]*\n$/
    await eventually(() => assert.match(server.stderr(), line))
    assert.strictEqual(line.exec(server.stderr())?.[1], id)
    await server.stop()
    assert.match(server.stderr(), line)
  })

  it("is silent if that is wanted", async () => {
    const server = await serveWith({ LAZYBOSS_LOG_LEVEL: "none" })
    await create(server, { type: "a" })
    await server.stop()
    assert.strictEqual(server.stderr(), "")
  })
})
