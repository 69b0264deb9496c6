/** `lazyboss top` in scripts and pipes, and with the tokens of those who may not see all. */
import { assert, beforeAll, it } from "@effect/vitest"
import { type Outcome, outcomeOf, start } from "../support/commands.ts"
import { asRecord, asRecords, call, expectStatus, jsonOf } from "../support/http.ts"
import { create } from "../support/jobs.ts"
import { serveEmbedded, type Serving } from "../support/serving.ts"
import { atPrompt, openTerminal } from "../support/terminal.ts"
import { commandOfTop } from "../support/top.ts"

let server: Serving
beforeAll(async () => {
  server = await serveEmbedded()
})

const top = (args: ReadonlyArray<string>, env: Record<string, string> = {}): Promise<Outcome> =>
  outcomeOf(start(["top", ...args], { env }))

const tokenOf = async (name: string, role: string, as?: string): Promise<string> => {
  const answer = await call(server, "POST", "/tokens", {
    json: { name, role },
    ...(as !== undefined && { as })
  })
  return String(asRecord(jsonOf(expectStatus(answer, 201)))["token"])
}

it("prints how things stand once, for people and for programs", async () => {
  await create(server, { type: "top.once" })
  const url = ["--url", server.url]
  const [printed, json] = await Promise.all([
    // Where there is no terminal, it is as with --once.
    top(url, { LANG: "C.UTF-8" }),
    top(["--once", "--json", ...url])
  ])
  assert.match(printed.stdout, /^lazyboss \S+ at /)
  assert.match(printed.stdout, /○ pending +\d/)
  assert.match(printed.stdout, /top\.once +active/)
  // oxlint-disable-next-line no-control-regex
  assert.notMatch(printed.stdout, /\u001b/)
  const types = asRecords(asRecord(JSON.parse(json.stdout))["types"])
  assert.isTrue(types.some(({ type }) => type === "top.once"))
})

it("says in one line why it cannot, and is a client's view with a client's token", async () => {
  const refused = async (
    status: number,
    reason: RegExp,
    env: Record<string, string> = {},
    url = server.url
  ) => {
    const outcome = await top(["--url", url], env)
    assert.strictEqual(outcome.status, status)
    assert.match(outcome.stderr, /^lazyboss: [^\n]+\n$/)
    assert.match(outcome.stderr, reason)
    assert.strictEqual(outcome.stdout, "")
  }
  const ann = await tokenOf("ann", "supervisor")
  const web = await tokenOf("web", "client", ann)
  const render = await tokenOf("render", "worker", ann)
  await Promise.all([
    refused(6, /no server answers at http:\S+:1: say where it is with --url/, {}, "http://127.0.0.1:1"),
    refused(5, /--token or LAZYBOSS_TOKEN/),
    refused(5, /worker's token may not look on/, { LAZYBOSS_TOKEN: render }),
    refused(5, /for a supervisor/, { LAZYBOSS_TOKEN: web })
  ])

  expectStatus(await call(server, "POST", "/jobs", { json: { type: "top.client" }, as: web }), 202)
  const terminal = await openTerminal(90, 20)
  await terminal.start(commandOfTop(server, "", `LAZYBOSS_TOKEN=${web}`))
  const shown = await terminal.until(/▌ ○ pending +top\.client/)
  assert.notMatch(shown, /Workers|Overview|Events/)
  await terminal.press("c", "y")
  await terminal.until(/⊘ cancelled +top\.client/)
  await terminal.press("5")
  await terminal.until(/No projects/)
  await terminal.press("q")
  await terminal.until(atPrompt)
})
