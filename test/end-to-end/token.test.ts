/** `lazyboss token` as a user meets it: with no server, beside one, and when it cannot do what is asked. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { call, expectProblem, expectStatus } from "../support/http.ts"
import { launch, type LaunchOptions, type Program, runToEnd } from "../support/processes.ts"
import { cli, launchServe, newDataDir, serve } from "../support/serving.ts"

const token = (args: ReadonlyArray<string>, options?: LaunchOptions): Program =>
  launch(process.execPath, [cli, "token", ...args], options)

/** What it wrote to standard output, when it ended well. */
const tokenSays = async (args: ReadonlyArray<string>, options?: LaunchOptions): Promise<string> =>
  (await runToEnd(process.execPath, [cli, "token", ...args], options)).trim()

/** That it ends badly, says why in one line, and nothing that could be taken for a secret. */
const refuses = async (program: Program, status: number, reason: RegExp) => {
  assert.deepStrictEqual(await program.ended(60_000), { status, signal: null }, program.stderr())
  assert.match(program.stderr(), /^lazyboss: [^\n]+\n$/)
  assert.match(program.stderr(), reason)
  assert.strictEqual(program.stdout(), "")
}

describe("lazyboss token", () => {
  it("makes the first token without a server, so that one may listen for others", async () => {
    const dataDir = await newDataDir()
    const exposed = ["--port", "0", "--host", "0.0.0.0", "--data-dir", dataDir]
    await refuses(launchServe(exposed), 1, /lazyboss token create NAME --role supervisor/)
    await refuses(token(["create", "web", "--role", "client", "--data-dir", dataDir]), 5, /supervisor/)

    const secret = await tokenSays(["create", "ann", "--role", "supervisor", "--data-dir", dataDir])
    assert.match(secret, /^lzb_[\w-]{43}$/)
    const { port, stop } = await serve(exposed)
    const server = { url: `http://127.0.0.1:${port}`, port }
    expectProblem(await call(server, "GET", "/jobs"), 401, "unauthenticated")
    expectStatus(await call(server, "GET", "/jobs", { as: secret }), 200)
    expectProblem(await call(server, "DELETE", "/tokens/ann", { as: secret }), 409, "supervisor-needed")
    await stop()
  })

  it("looks only where a database is", async () => {
    const dataDir = await newDataDir()
    const mistyped = join(dataDir, "mistyped")
    for (const command of [["list"], ["revoke", "ann"]]) {
      await refuses(token([...command, "--data-dir", mistyped]), 1, /there is no database in \S+mistyped/)
    }
    assert.isFalse(existsSync(mistyped))
  })

  it("asks the server that has the data directory", async () => {
    const dataDir = await newDataDir()
    const options = ["--data-dir", dataDir]
    const secret = await tokenSays(["create", "ann", "--role", "supervisor", ...options])
    const server = await serve(["--port", "0", ...options])
    await refuses(
      token(["list", "--url", "http://127.0.0.1:1", ...options]),
      6,
      /no server answers at http:\S+:1/
    )
    await refuses(token(["list", "--url", server.url, ...options]), 5, /LAZYBOSS_TOKEN/)
    await refuses(token(["list", "--url", server.url, "--token", "lzb_wrong"]), 5, /credentials/)

    const env = { LAZYBOSS_URL: server.url, LAZYBOSS_TOKEN: secret }
    const client = await tokenSays(["create", "web", "--role", "client", ...options], { env })
    expectStatus(await call(server, "GET", "/jobs", { as: client }), 200)
    await refuses(token(["create", "web", "--role", "client"], { env }), 5, /exists/)
    await refuses(token(["list"], { env: { ...env, LAZYBOSS_TOKEN: client } }), 5, /supervisor/)
    assert.match(await tokenSays(["list"], { env }), /^ann +supervisor +\S+Z\nweb +client +\S+Z$/)

    await tokenSays(["revoke", "web"], { env })
    expectProblem(await call(server, "GET", "/jobs", { as: client }), 401, "unauthenticated")
    await refuses(token(["revoke", "web"], { env }), 4, /no token has this name/)
    await server.stop()
    const listed: unknown = JSON.parse(await tokenSays(["list", "--json", ...options]))
    assert.deepStrictEqual(
      Array.isArray(listed) ? listed.map(({ name, role }) => ({ name, role })) : listed,
      [{ name: "ann", role: "supervisor" }]
    )
  })

  it.each<[string, number, ReadonlyArray<string>, RegExp]>([
    ["no role", 2, ["create", "ann"], /--role/],
    ["a role that is none", 2, ["create", "ann", "--role", "king"], /--role.*supervisor/],
    ["a name that is none", 2, ["create", "a/b", "--role", "client"], /a token's name/],
    ["no name", 2, ["revoke"], /name/],
    ["nonsense for a database URL", 1, ["list", "--database-url", "nonsense"], /database URL/]
  ])("refuses %s", async (_, status, args, reason) => {
    await refuses(token(args), status, reason)
  })
})
