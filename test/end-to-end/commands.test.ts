/** The commands as processes, where it makes a difference that they are: most of what they do is tested without. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { commandsOn, outcomeOf, programsOn } from "../support/commands.ts"
import { asRecords } from "../support/http.ts"
import { claim, finish, newName } from "../support/jobs.ts"
import { launch } from "../support/processes.ts"
import { newDataDir, serve, serveEmbedded, type Serving } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

/** A command takes a second to begin, on a busy machine many. */
const patience = 60_000

let server: Serving
beforeAll(async () => {
  server = await serveEmbedded()
})

describe("lazyboss job", () => {
  it("creates a job, and waits for its result", async () => {
    const type = newName("type")
    const waiting = programsOn(server).begin(["job", "create", type, "-", "--wait"], { input: '{"n": 1}' })
    const held = await claim(server, newName("worker"), { types: [type] })
    assert.deepStrictEqual(held.parameters, { n: 1 })
    await finish(server, held, { sum: 3 })
    const { status, stdout } = await outcomeOf(waiting)
    assert.deepStrictEqual([status, stdout], [0, '{"sum":3}\n'])
  })

  it("tells by its status, and in one line, that it was not possible", async () => {
    await programsOn(server).refuses(2, /must be an id/, "job", "get", "nonsense")
  })

  it("follows on when the server comes back", async () => {
    const dataDir = await newDataDir()
    const first = await serve(["--port", "0", "--data-dir", dataDir])
    const commands = commandsOn(first)
    const type = newName("type")
    const id = await commands.says("job", "create", type)
    const following = commands.begin(["job", "follow", id])
    await eventually(() => assert.include(following.stderr(), "pending"), patience)
    await first.kill()
    await eventually(() => assert.include(following.stderr(), "trying again"), patience)
    const again = await serve(["--port", String(first.port), "--data-dir", dataDir])
    await commands.run("work", type, "--once", "--", "echo", "back")
    const { status, stderr, stdout } = await outcomeOf(following)
    assert.deepStrictEqual([status, stdout], [0, "back\n"], stderr)
    await again.stop()
  })

  it("is quiet when its reader has seen enough", async () => {
    const type = newName("type")
    await commandsOn(server).says("job", "create", type)
    const script = `"$0" "$1" job follow "$2" --json | head -1`
    const [job] = asRecords(await commandsOn(server).json("job", "list", "--type", type))
    const following = launch(
      "bash",
      ["-c", script, process.execPath, "dist/cli/main.js", String(job?.["id"])],
      { env: { LAZYBOSS_URL: server.url } }
    )
    await eventually(() => assert.include(following.stdout(), '"status":"pending"'), patience)
    // It notices with the next event.
    await finish(server, await claim(server, newName("worker"), { types: [type] }))
    assert.strictEqual((await following.ended(patience)).status, 0)
    assert.strictEqual(following.stderr(), "")
  })
})

describe("a server with tokens", () => {
  it("lets those do what they may who have one", async () => {
    const guarded = await serveEmbedded()
    const ann = commandsOn(guarded, {
      LAZYBOSS_TOKEN: await commandsOn(guarded).says("token", "create", "ann", "--role", "supervisor")
    })
    const render = await ann.says("token", "create", "render", "--role", "worker")
    const worker = commandsOn(guarded, { LAZYBOSS_TOKEN: render })
    await commandsOn(guarded).refuses(5, /wants a token: .*LAZYBOSS_TOKEN/, "job", "list")
    await worker.refuses(5, /worker/, "policy", "list")
    await commandsOn(guarded).refuses(5, /credentials/, "job", "list", "--token", "lzb_wrong")
    const id = await ann.says("job", "create", "sums")
    assert.strictEqual(
      (await worker.run("work", "sums", "--once", "--name", "render/7", "--", "echo", "42")).status,
      0
    )
    assert.match(await ann.says("job", "get", id), /^worker +render\/7$/m)
    assert.match(await ann.says("job", "get", id), /^created .* by ann$/m)
    await ann.says("job", "create", "sums")
    assert.strictEqual((await worker.run("work", "sums", "--once", "--", "echo", "42")).status, 0)
    const refused = await ann.run("work", "sums", "--once", "--name", "render/7", "--", "echo", "42")
    assert.strictEqual(refused.status, 5, refused.stderr)
    await guarded.stop()
  })
})

describe("lazyboss demo", () => {
  it("has something to look at, and leaves nothing", async () => {
    const demo = programsOn(server).begin(["demo", "--port", "0"])
    const url = await eventually(() => {
      const [, url] = /A server runs at (\S+),/.exec(demo.stdout()) ?? []
      return url ?? assert.fail(demo.stderr())
    }, patience)
    const commands = commandsOn({ url })
    await eventually(async () => {
      assert.match(await commands.says("type", "list"), /^thumbnail +\d+ +\d+ +\d+ +[1-9]/m)
    }, patience)
    assert.match(await commands.says("worker", "list"), /^studio +active/m)
    assert.match(await commands.says("project", "list"), /holiday photos/)
    assert.match(await commands.says("schedule", "list"), /^clean-up /m)
    demo.signal("SIGINT")
    assert.strictEqual((await outcomeOf(demo)).status, 0)
    await commands.refuses(6, /no server answers/, "job", "list")
  })
})
