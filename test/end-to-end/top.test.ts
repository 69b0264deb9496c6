/** `lazyboss top` in a real terminal, against a real server. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { call, expectStatus } from "../support/http.ts"
import { claim, create, createMany, finish, get } from "../support/jobs.ts"
import { launch, runToEnd } from "../support/processes.ts"
import { cli, newDataDir, serve, serveEmbedded, type Serving } from "../support/serving.ts"
import { atPrompt, openTerminal, type Terminal } from "../support/terminal.ts"
import { eventually, pass } from "../support/waiting.ts"

let server: Serving
beforeAll(async () => {
  server = await serveEmbedded()
})

const command = (args: string, on: Serving = server): string =>
  `"${process.execPath}" "${cli}" top --url ${on.url} ${args}`

const openTop = async (
  columns: number,
  rows: number,
  { args = "", env = {}, on = server }: { args?: string; env?: Record<string, string>; on?: Serving } = {}
): Promise<{ readonly terminal: Terminal; readonly pid: number }> => {
  const terminal = await openTerminal(columns, rows, env)
  const pid = await terminal.start(command(args, on))
  await terminal.until(/● live|\* live/)
  return { terminal, pid }
}

describe("a supervisor at a terminal", () => {
  it("sees what there is, finds a job, goes into it and cancels it", async () => {
    const jobs = await createMany(server, [
      { type: "top.one", tags: ["first"] },
      { type: "top.two", parameters: { name: "日本語" } }
    ])
    const { terminal } = await openTop(110, 30)
    await terminal.until(/pending +2/)
    await terminal.press("2")
    await terminal.until(/top\.one +active/)
    await terminal.press("3")
    await terminal.until(/○ pending +top\.two/)
    await terminal.press("/", "t", "w", "o", "Enter")
    await terminal.until(/^(?![^]*top\.one)[^]*top\.two/)
    await terminal.press("Enter")
    await terminal.until(/parameters +\{"name":"日本語"\}/)

    // What happens to it is seen as it happens.
    const held = await claim(server, "render-7", { types: ["top.two"] })
    await terminal.until(/▶ processing for \S+ by render-7/)
    await terminal.until(/#1 .*running .*render-7 .*lease ends in/)
    expectStatus(
      await call(server, "PUT", `/jobs/${held.id}/attempts/${held.attempt}/progress`, {
        as: "render-7",
        headers: { "content-type": "text/event-stream" },
        body: "id: 1\nevent: percent\ndata: 40\n\nid: 2\nevent: log_chunk\ndata: said in the log\ndata:\n\n"
      }),
      202
    )
    await terminal.until(/ 40%[^]*said in the log/)
    await finish(server, held, { made: "it" })
    await terminal.until(/✓ done[^]*"made":"it"/)

    await terminal.press("Escape")
    await terminal.until(/\/two/)
    await terminal.press("Escape")
    await terminal.until(/○ pending +top\.one/)
    await terminal.press("G", "c")
    await terminal.until(new RegExp(`Cancel job ${jobs[0]?.id} \\(top\\.one\\)\\?`))
    await terminal.press("y")
    await terminal.until(/top\.one\): cancelled/)
    assert.strictEqual((await get(server, jobs[0]?.id ?? "")).status, "cancelled")
    await terminal.until(/⊘ cancelled +top\.one/)
    await terminal.press("q")
    await terminal.until(atPrompt)
  })

  it("retries many, whose number is asked for, and pauses types", async () => {
    const created = await createMany(
      server,
      Array.from({ length: 3 }, () => ({ type: "top.many" }))
    )
    for (const { id } of created) expectStatus(await call(server, "DELETE", `/jobs/${id}`), 202)
    const { terminal } = await openTop(100, 24)
    await terminal.press("3", "/", ..."type=top.many", "Enter")
    await terminal.until(/⊘ cancelled +top\.many[^]*⊘ cancelled +top\.many[^]*⊘ cancelled +top\.many/)
    await terminal.press("v", "G", "R")
    await terminal.until(/Retry 3 jobs, with fresh attempts\?/)
    await terminal.press("y")
    await terminal.until(/3 jobs: will be tried again/)
    for (const { id } of created) assert.strictEqual((await get(server, id)).status, "pending")

    await terminal.press("2", "/", ..."top.many", "Enter")
    await terminal.until(/▌ +top\.many +active/)
    await terminal.press("p")
    await terminal.until(/Pause type top\.many/)
    await terminal.press("y")
    await terminal.until(/top\.many +paused/)
    expectStatus(await call(server, "PATCH", "/types/top.many", { json: { paused: false } }), 200)
    await terminal.press("q")
  })

  it("may change nothing who only wants to read", async () => {
    const { id, type } = await create(server, { type: "top.read" })
    const { terminal } = await openTop(100, 24, { args: "--read-only" })
    await terminal.press("3", "/", ..."top.read", "Enter")
    await terminal.until(new RegExp(`▌ ○ pending +${type}`))
    assert.notMatch((await terminal.lines()).at(-1) ?? "", /cancel|retry/)
    await terminal.press("c", "y")
    await terminal.until(/Copied/)
    assert.strictEqual((await get(server, id)).status, "pending")
    await terminal.press("q")
  })

  it("may be in a terminal of any size, and change it", async () => {
    const { terminal } = await openTop(200, 60)
    for (const [columns, rows] of [
      [40, 12],
      [80, 24],
      [120, 40],
      [41, 13],
      [200, 60]
    ] as const) {
      await terminal.resize(columns, rows)
      await terminal.until(/● live/)
      await eventually(async () => {
        await pass(100)
        const lines = await terminal.lines()
        assert.strictEqual(lines.length, rows)
        assert.match(lines[0] ?? "", /^lazyboss .*● live$/)
        assert.match(lines[2] ?? "", /^Overview/)
        assert.match(lines.at(-1) ?? "", /\? help +q quit/)
      })
    }
    await terminal.resize(39, 12)
    await terminal.until(/lazyboss top\s+needs 40 and 12/)
    await terminal.resize(60, 20)
    await terminal.until(/● live/)
    await terminal.press("q")
  })

  it("may have one that shows neither colours nor more than ASCII", async () => {
    const { terminal } = await openTop(90, 20, { env: { LANG: "C", LC_ALL: "C", NO_COLOR: "1" } })
    await terminal.until(/\. pending/)
    assert.match((await terminal.lines()).join("\n"), /^[\x20-\x7e\n]*$/)
    await terminal.press("q")
  })
})

describe("the terminal is left as it was", () => {
  const endings: ReadonlyArray<[string, RegExp, (terminal: Terminal, pid: number) => Promise<void>]> = [
    ["by q", /status 0/, (terminal) => terminal.press("q")],
    ["by Ctrl-C", /status 0/, (terminal) => terminal.press("C-c")],
    ["by Ctrl-C while something is typed", /status 0/, (terminal) => terminal.press("/", "x", "C-c")],
    ["by SIGTERM", /status 0/, async (_, pid) => void process.kill(pid, "SIGTERM")],
    ["by SIGHUP", /status 129/, async (_, pid) => void process.kill(pid, "SIGHUP")],
    ["by a crash", /status [17]/, async (_, pid) => void process.kill(pid, "SIGUSR2")]
  ]
  // Something in the program fails as nothing is supposed to.
  const crash = `process.on("SIGUSR2", () => setImmediate(() => { throw new Error("it crashed") }))`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` }

  it.each(endings)("%s", async (_, status, end) => {
    const terminal = await openTerminal(90, 24, env)
    await terminal.type("stty -a | sed 's/^/before /'")
    const before = await terminal.until(/^before [^]*^ready:$/m)
    const pid = await terminal.start(command(""))
    await terminal.until(/● live/)
    assert.deepStrictEqual(await terminal.modes(), { isAlternate: true, isCursorHidden: true })
    await end(terminal, pid)
    await terminal.until(/^ready:$/m)
    await terminal.type("echo status $?")
    await terminal.until(status)
    assert.deepStrictEqual(await terminal.modes(), { isAlternate: false, isCursorHidden: false })
    // What was on the screen is there again, and what is typed behaves as before.
    await terminal.type("clear; stty -a | sed 's/^/before /'")
    const after = await terminal.until(/^before [^]*^ready:$/m)
    const settings = (text: string) => text.split("\n").filter((line) => line.startsWith("before "))
    assert.deepStrictEqual(settings(after), settings(before))
  })
})

describe("a server that goes away", () => {
  it("is missed, awaited and found again; nothing is changed meanwhile", async () => {
    const dataDir = await newDataDir()
    const first = await serve(["--port", "0", "--data-dir", dataDir])
    const { id } = await create(first, { type: "top.away" })
    const { terminal } = await openTop(110, 24, { on: first })
    await terminal.press("3")
    await terminal.until(/○ pending +top\.away/)
    await first.stop()
    await terminal.until(/stale for \d+s: .*trying/)
    await terminal.press("c", "y")
    await terminal.until(/Nothing can be changed while the server is away|Copied/)
    const again = await serve(["--port", String(first.port), "--data-dir", dataDir])
    await terminal.until(/● live/)
    assert.strictEqual((await get(again, id)).status, "pending")
    // It hears again what happens.
    await create(again, { type: "top.back" })
    await terminal.until(/○ pending +top\.back/)
    await terminal.press("6")
    await terminal.until(/job\.created +top\.back/)
    await terminal.press("q")
    await terminal.until(atPrompt)
    await again.stop()
  })
})

describe("without a terminal", () => {
  const top = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
    launch(process.execPath, [cli, "top", ...args], { env })

  it("prints how things stand once, for people and for programs", async () => {
    await create(server, { type: "top.once" })
    const text = await runToEnd(process.execPath, [cli, "top", "--once", "--url", server.url], {
      env: { LANG: "C.UTF-8" }
    })
    assert.match(text, /^lazyboss \S+ at /)
    assert.match(text, /○ pending +\d/)
    assert.match(text, /top\.once +active/)
    // eslint-disable-next-line no-control-regex
    assert.notMatch(text, /\u001b/)
    const piped = await runToEnd(process.execPath, [cli, "top", "--url", server.url])
    assert.match(piped, /top\.once +active/)
    const json: unknown = JSON.parse(
      await runToEnd(process.execPath, [cli, "top", "--once", "--json", "--url", server.url])
    )
    assert.isTrue(
      typeof json === "object" &&
        json !== null &&
        "types" in json &&
        Array.isArray(json.types) &&
        json.types.some(({ type }) => type === "top.once")
    )
  })

  it("says in one line why it cannot", async () => {
    const refused = async (args: ReadonlyArray<string>, reason: RegExp, env?: Record<string, string>) => {
      const program = top(args, env)
      assert.deepStrictEqual(await program.ended(60_000), { status: 1, signal: null }, program.stderr())
      assert.match(program.stderr(), /^lazyboss: [^\n]+\n$/)
      assert.match(program.stderr(), reason)
      assert.strictEqual(program.stdout(), "")
    }
    await refused(
      ["--url", "http://127.0.0.1:1"],
      /no server answers at http:\S+:1: say where it is with --url/
    )
    const own = await serveEmbedded()
    const tokenOf = async (name: string, role: string, as?: string): Promise<string> => {
      const { text } = expectStatus(
        await call(own, "POST", "/tokens", { json: { name, role }, ...(as !== undefined && { as }) }),
        201
      )
      const { token }: { token?: unknown } = JSON.parse(text)
      return String(token)
    }
    const ann = await tokenOf("ann", "supervisor")
    const web = await tokenOf("web", "client", ann)
    const render = await tokenOf("render", "worker", ann)
    await refused(["--url", own.url], /--token or LAZYBOSS_TOKEN/)
    await refused(["--url", own.url], /worker's token may not look on/, { LAZYBOSS_TOKEN: render })
    await refused(["--url", own.url], /for a supervisor/, { LAZYBOSS_TOKEN: web })

    // A client sees jobs and projects, and is not offered anything else.
    await call(own, "POST", "/jobs", { json: { type: "top.client" }, as: web })
    const { terminal } = await openTop(90, 20, { on: own, env: { LAZYBOSS_TOKEN: web } })
    const shown = await terminal.until(/○ pending +top\.client/)
    assert.notMatch(shown, /Workers|Overview|Events/)
    await terminal.press("c", "y")
    await terminal.until(/⊘ cancelled +top\.client/)
    await terminal.press("5")
    await terminal.until(/No projects/)
    await terminal.press("q")
    await terminal.until(atPrompt)
    await own.stop()
  })
})
