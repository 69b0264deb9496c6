/** `lazyboss top` in scripts and pipes, and with the tokens of those who may not see all. */
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import { commandsOn } from "../support/commands.ts"
import { asRecord, asRecords } from "../support/http.ts"
import { create } from "../support/jobs.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, type TestServer } from "../support/TestServer.ts"
import { createTokens } from "../support/tokens.ts"

let server: TestServer
beforeAll(async () => {
  server = await start(theStore, quickPolicy)
})
afterAll(() => server.stop())

it("prints how things stand once, for people and for programs", async () => {
  const { type } = await create(server, { type: "top.once" })
  const lazyboss = commandsOn(server)
  // Where there is no terminal, it is as with --once.
  const [printed, json] = await Promise.all([lazyboss.says("top"), lazyboss.json("top", "--once")])
  assert.match(printed, /^lazyboss \S+ at /)
  assert.match(printed, /[○.] pending +1/)
  assert.match(printed, /top\.once +active/)
  // oxlint-disable-next-line no-control-regex
  assert.notMatch(printed, /\u001b/)
  assert.isTrue(asRecords(asRecord(json)["types"]).some((each) => each["type"] === type))
})

it("says in one line why it cannot", async () => {
  const away = commandsOn({ url: "http://127.0.0.1:1" })
  await away.refuses(6, /no server answers at http:\S+:1: say where it is with --url/, "top")
  const tokens = await createTokens(server)
  const refused = (reason: RegExp, env: Record<string, string> = {}) =>
    commandsOn(server, env).refuses(5, reason, "top")
  await refused(/--token or LAZYBOSS_TOKEN/)
  await refused(/worker's token may not look on/, { LAZYBOSS_TOKEN: tokens.worker })
  await refused(/for a supervisor/, { LAZYBOSS_TOKEN: tokens.client })
  await commandsOn(server, { LAZYBOSS_TOKEN: tokens.supervisor }).says("top", "--once")
})
