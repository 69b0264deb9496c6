/** `lazyboss top` in a real terminal, against a real server: one session, step by step, as a supervisor might spend a day. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { call, expectStatus } from "../support/http.ts"
import { claim, create, createMany, finish, get, report } from "../support/jobs.ts"
import { createProject } from "../support/projects.ts"
import { newDataDir, serve, type Serving } from "../support/serving.ts"
import { atPrompt, openTerminal, type Terminal } from "../support/terminal.ts"
import { commandOfTop } from "../support/top.ts"
import { eventually, pass } from "../support/waiting.ts"

let server: Serving
let terminal: Terminal
let dataDir: string

beforeAll(async () => {
  dataDir = await newDataDir()
  const serving = serve(["--port", "0", "--data-dir", dataDir])
  terminal = await openTerminal(110, 30)
  server = await serving
  await open()
})

/** Starts the dashboard in the terminal, and returns its process id. */
const open = async (args = "", settings = ""): Promise<number> => {
  const pid = await terminal.start(commandOfTop(server, args, settings))
  await terminal.until(/[●*] live/)
  return pid
}

/** Goes to a view, and filters it by what is typed. */
const filterIn = async (view: string, text: string) => {
  await terminal.press(view, "/", "C-u", ...text, "Enter")
  await terminal.until(new RegExp(`  /${text.replaceAll("*", String.raw`\*`)}`))
}

describe("a supervisor at a terminal", () => {
  it("opens each view", async () => {
    await createMany(server, [{ type: "top.one" }, { type: "top.two" }])
    const views: ReadonlyArray<[string, RegExp]> = [
      ["2", /TYPE +STATE[^]*top\.one +active/],
      ["3", /STATUS +TYPE[^]*○ pending +top\.two/],
      ["4", /STATE +WORKER/],
      ["5", /PROGRESS[^]*SCHEDULE/],
      ["6", /TIME +EVENT[^]*job\.created +top\.two/],
      ["1", /wait p50[^]*pending +2/]
    ]
    for (const [key, shown] of views) {
      await terminal.press(key)
      await terminal.until(shown)
    }
    await terminal.press("?")
    await terminal.until(/filter: words, key=value/)
    await terminal.press("Escape", ":", ..."jobs", "Enter")
    await terminal.until(/STATUS +TYPE/)
  })

  it("follows a job as it happens", async () => {
    await create(server, { type: "top.live", parameters: { name: "日本語" } })
    await filterIn("3", "type=top.live")
    await terminal.until(/▌ ○ pending +top\.live/)
    await terminal.press("Enter")
    await terminal.until(/parameters +\{"name":"日本語"\}/)
    const held = await claim(server, "render-7", { types: ["top.live"] })
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
    await terminal.until(/\/type=top\.live/)
  })

  it("retries one that has failed", async () => {
    const { id, type } = await create(server, { type: "top.failing", maxAttempts: 1 })
    await filterIn("3", `type=${type}`)
    await report(server, await claim(server, "render-7", { types: [type] }), "error", { message: "it broke" })
    await terminal.until(/▌ ✗ failed +top\.failing[^]*it broke/)
    await terminal.press("R")
    await terminal.until(new RegExp(`Retry job ${id} \\(top\\.failing\\), with fresh attempts\\?`))
    await terminal.press("y")
    await terminal.until(/○ pending +top\.failing/)
    assert.strictEqual((await get(server, id)).status, "pending")
  })

  it("cancels all that fit a filter, whose exact number is asked with", async () => {
    const created = await createMany(
      server,
      Array.from({ length: 120 }, () => ({ type: "top.many" }))
    )
    await filterIn("3", "type=top.many")
    await terminal.until(/▌ ○ pending +top\.many/)
    await terminal.press("C-x")
    await terminal.until(/Cancel all 120 unfinished jobs with type=top\.many/)
    await terminal.press("y")
    await terminal.until(/⊘ cancelled +top\.many/)
    await eventually(async () =>
      assert.strictEqual((await get(server, created[0]?.id ?? "")).status, "cancelled")
    )
  })

  it("pauses a worker, and lets it go on", async () => {
    const stateIs = async (state: string) =>
      assert.include(expectStatus(await call(server, "GET", "/workers/render-7"), 200).text, `"${state}"`)
    await filterIn("4", "render-7")
    await terminal.until(/▌ ● waiting +render-7/)
    await terminal.press("p")
    await terminal.until(/Pause worker render-7/)
    await terminal.press("y")
    await terminal.until(/○ paused +render-7/)
    await stateIs("paused")
    await terminal.press("Enter")
    await terminal.until(/state +○ paused[^]*record[^]*✓ done +top\.live/)
    await terminal.press("p", "y")
    await terminal.until(/state +● waiting/)
    await stateIs("active")
  })

  it("pauses a type, and lets it go on", async () => {
    await filterIn("2", "top.one")
    await terminal.until(/▌ +top\.one +active/)
    await terminal.press("p")
    await terminal.until(/Pause type top\.one/)
    await terminal.press("y")
    await terminal.until(/top\.one +paused/)
    expectStatus(
      await call(server, "POST", "/jobs/attempt?wait=0s", { json: { types: ["top.one"] }, as: "w" }),
      204
    )
    await terminal.press("p", "y")
    await terminal.until(/top\.one +active/)
    await claim(server, "w", { types: ["top.one"] })
  })

  it("watches a project to its end", async () => {
    await createProject(server, {
      name: "photos",
      closed: true,
      jobs: Array.from({ length: 4 }, () => ({ type: "top.photo" }))
    })
    await terminal.press("5")
    await terminal.until(/closed +░+ +0% +0\/4 .*photos/)
    for (const shown of [/█+░+ +25% +1\/4/, / 50% +2\/4/, / 75% +3\/4/, /finished +█+ +100% +4\/4/]) {
      await finish(server, await claim(server, "w", { types: ["top.photo"] }))
      await terminal.until(shown)
    }
  })

  it("misses a server that is killed, changes nothing meanwhile, and finds it again", async () => {
    const { id, type } = await create(server, { type: "top.away" })
    await filterIn("3", `type=${type}`)
    await terminal.until(/▌ ○ pending +top\.away/)
    await server.kill()
    await terminal.until(/stale for \d+s: .*trying/)
    await terminal.press("c")
    await terminal.until(/Nothing can be changed while the server is away/)
    server = await serve(["--port", String(server.port), "--data-dir", dataDir])
    await terminal.until(/● live/)
    assert.strictEqual((await get(server, id)).status, "pending")
    // It hears again what happens, and decides.
    await create(server, { type })
    await terminal.until(/○ pending +top\.away[^]*○ pending +top\.away/)
    await terminal.press("6")
    await terminal.until(/job\.created +top\.away/)
  })

  it("changes the size of the terminal", async () => {
    const sizes: ReadonlyArray<[number, number]> = [
      [200, 60],
      [80, 24],
      [40, 12],
      [200, 60]
    ]
    await terminal.press("1")
    for (const [columns, rows] of sizes) {
      await terminal.resize(columns, rows)
      await eventually(async () => {
        await pass(50)
        const lines = await terminal.lines()
        assert.strictEqual(lines.length, rows)
        assert.match(lines[0] ?? "", /^lazyboss .*● live$/)
        assert.match(lines[2] ?? "", /^Overview/)
        assert.match(lines.at(-1) ?? "", /\? help +q quit/)
      })
    }
    await terminal.resize(39, 12)
    await terminal.until(/lazyboss top\s+needs 40 and 12/)
    await terminal.resize(100, 30)
    await terminal.until(/● live/)
    await terminal.press("q")
    await terminal.until(atPrompt)
  })

  it("may change nothing who only wants to read, and may have a terminal of plain ASCII", async () => {
    const { id, type } = await create(server, { type: "top.read" })
    await open("--read-only", "LC_ALL=C NO_COLOR=1")
    await terminal.until(/\. pending/)
    await filterIn("3", type)
    const shown = await terminal.until(/> +\. pending +top\.read/)
    assert.match(shown, /^[\x20-\x7e\n]*$/)
    assert.notMatch((await terminal.lines()).at(-1) ?? "", /cancel|retry/)
    await terminal.press("c", "y")
    await terminal.until(/Copied/)
    assert.strictEqual((await get(server, id)).status, "pending")
    await terminal.press("q")
    await terminal.until(atPrompt)
  })
})

describe("the terminal is left as it was", () => {
  // Something in the program fails as nothing is supposed to.
  const crash = `process.on("SIGUSR2", () => setImmediate(() => { throw new Error("it crashed") }))`
  const crashing = `"NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(crash)}"`

  it.each<[string, RegExp, (pid: number) => Promise<void>]>([
    ["by q", /status 0/, () => terminal.press("q")],
    ["by Ctrl-C while something is typed", /status 0/, () => terminal.press("/", "x", "C-c")],
    ["by SIGTERM", /status 0/, async (pid) => void process.kill(pid, "SIGTERM")],
    ["by SIGHUP", /status 129/, async (pid) => void process.kill(pid, "SIGHUP")],
    ["by a crash", /status [17]/, async (pid) => void process.kill(pid, "SIGUSR2")]
  ])("%s", async (_, status, end) => {
    const settings = async () => {
      await terminal.type("clear; stty -a | sed 's/^/stty /'")
      const shown = await terminal.until(/^stty [^]*^ready:$/m)
      return shown.split("\n").filter((line) => line.startsWith("stty "))
    }
    const before = await settings()
    const pid = await open("", crashing)
    assert.deepStrictEqual(await terminal.modes(), { isAlternate: true, isCursorHidden: true })
    await end(pid)
    await terminal.until(/^ready:$/m)
    await terminal.type("echo status $?")
    // What was on the screen is there again, and what is typed behaves as before.
    await terminal.until(status)
    assert.deepStrictEqual(await terminal.modes(), { isAlternate: false, isCursorHidden: false })
    assert.deepStrictEqual(await settings(), before)
  })
})
