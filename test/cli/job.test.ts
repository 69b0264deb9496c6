/** `lazyboss job`, of a server of its own. */
import { assert, it } from "@effect/vitest"
import { commandsOn, outcomeOf } from "../support/commands.ts"
import { asRecord, asRecords } from "../support/http.ts"
import { claim, finish, newName, report } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"

const nobody = "01900000-0000-7000-8000-000000000000"

withServer("lazyboss job", (server) => {
  const lazyboss = commandsOn(server)

  it("creates, shows, lists, cancels and retries", async () => {
    const type = newName("type")
    const id = await lazyboss.says(
      ...["job", "create", type, '{"url": "beach.png"}', "--priority", "5", "--tag", "a", "--tag", "b"],
      ...["--delay", "1h", "--max-attempts", "3", "--lease", "30s", "--fairness-key", "tenant 42"],
      ...["--constraints", '[{"skill": "gpu", "op": "exists"}]']
    )
    assert.match(id, /^[0-9a-f-]{36}$/)
    const job = asRecord(await lazyboss.json("job", "get", id))
    assert.deepInclude(job, {
      id,
      type,
      status: "scheduled",
      parameters: { url: "beach.png" },
      priority: 5,
      tags: ["a", "b"],
      maxAttempts: 3,
      lease: "30s",
      fairnessKey: "tenant 42",
      constraints: [{ skill: "gpu", op: "exists" }]
    })
    const shown = await lazyboss.says("job", "get", id)
    assert.match(shown, /^status +scheduled$/m)
    assert.match(shown, /^due +in \d+m/m)
    assert.match(
      await lazyboss.says("job", "list", "--type", type),
      new RegExp(`^ID .*\n${id}  ${type}  scheduled`)
    )
    assert.deepStrictEqual(await lazyboss.json("job", "list", "--type", type), [job])
    assert.strictEqual(await lazyboss.says("job", "cancel", id, "--reason", "enough"), `${id} is cancelled`)
    assert.match(await lazyboss.says("job", "get", id), /^error +enough$/m)
    await lazyboss.refuses(5, /cancelled/, "job", "cancel", id)
    assert.strictEqual(await lazyboss.says("job", "retry", id), `${id} is pending`)
    await lazyboss.refuses(4, /no job has this id/, "job", "get", nobody)
  })

  it("lists as many as are wanted", async () => {
    const type = newName("type")
    await lazyboss.says(
      "project",
      "create",
      "three",
      "--jobs",
      JSON.stringify([{ type }, { type }, { type }])
    )
    const { status, stderr, stdout } = await lazyboss.run("job", "list", "--type", type, "--limit", "2")
    assert.strictEqual(status, 0)
    assert.lengthOf(stdout.trimEnd().split("\n"), 3)
    assert.match(stderr, /more than these 2: see --limit/)
    const none = await lazyboss.run("job", "list", "--type", newName("type"))
    assert.deepStrictEqual([none.status, none.stdout, none.stderr], [0, "", "there are no such jobs\n"])
    assert.deepStrictEqual(await lazyboss.json("job", "list", "--type", newName("type")), [])
  })

  it("waits for the result, and takes parameters from standard input", async () => {
    const type = newName("type")
    const waiting = lazyboss.begin(["job", "create", type, "-", "--wait"], { input: '{"n": [1, 2]}\n' })
    const held = await claim(server, "calculator", { types: [type] })
    assert.deepStrictEqual(held.parameters, { n: [1, 2] })
    await finish(server, held, { sum: 3 })
    const { status, stdout } = await outcomeOf(waiting)
    assert.deepStrictEqual([status, stdout], [0, '{"sum":3}\n'])
    assert.match(await lazyboss.says("worker", "get", "calculator"), new RegExp(`${type}: 1 done`))
  })

  it("tells by its status that the job failed", async () => {
    const type = newName("type")
    const waiting = lazyboss.begin(["job", "create", type, "--wait"])
    const held = await claim(server, newName("worker"), { types: [type] })
    await report(server, held, "error", { message: "no ink", retryable: false })
    const { status, stderr, stdout } = await outcomeOf(waiting)
    assert.deepStrictEqual([status, stdout], [3, ""])
    assert.strictEqual(stderr, `lazyboss: job ${held.id} failed: no ink\n`)
  })

  it("follows the log on standard output, and the progress on standard error", async () => {
    const type = newName("type")
    const following = lazyboss.begin(["job", "create", type, "--follow"])
    const script = "echo one; echo ::percent 50; echo ::message half; printf 'two without an end'"
    await lazyboss.run("work", type, "--once", "--name", "printer", "--", "sh", "-c", script)
    const { status, stderr, stdout } = await outcomeOf(following)
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, "one\ntwo without an end")
    for (const told of ["— processing by printer\n", "— 50%\n", "— half\n", "— done\n"])
      assert.include(stderr, told)
    const [job] = asRecords(await lazyboss.json("job", "list", "--type", type))
    const id = String(job?.["id"])
    assert.strictEqual(await lazyboss.says("job", "log", id), stdout)

    // All is told to somebody who comes later, too: an event a line.
    const lines = (await lazyboss.says("job", "follow", id, "--json"))
      .split("\n")
      .map((line) => asRecord(JSON.parse(line)))
    const names = lines.map(({ event }) => event)
    assert.deepStrictEqual([names[0], names.at(-1)], ["job", "job"])
    assert.includeMembers(names, ["log_chunk", "percent", "message"])
    assert.deepInclude(asRecord(lines.at(-1)?.["data"]), { id, status: "done" })
    await lazyboss.refuses(4, /no job/, "job", "follow", nobody)
  })

  it.each<[string, number, RegExp, ReadonlyArray<string>]>([
    ["parameters that are no JSON", 2, /PARAMETERS must be JSON/, ["create", "x", "{url}"]],
    [
      "parameters that would do something to the terminal",
      2,
      // oxlint-disable-next-line no-control-regex
      /^lazyboss: [^\u001b\u0007]+not \{ broken\n$/,
      ["create", "x", "\u001b]0;title\u0007{\u001b[2J\nbroken\n"]
    ],
    ["a delay that is none", 2, /delay: must be a duration/, ["create", "x", "--delay", "soon"]],
    ["a type that is none", 2, /must be a name/, ["create", "no type"]],
    ["an id that is none", 2, /must be an id/, ["get", "nonsense"]],
    ["no type", 2, /type/, ["create"]],
    ["an unknown option", 2, /--typ/, ["list", "--typ", "x"]],
    ["an unknown command", 2, /nonsense/, ["nonsense"]],
    [
      "a server that is none",
      6,
      /no server answers at http:\/\/127.0.0.1:1: /,
      ["list", "--url", "http://127.0.0.1:1"]
    ],
    ["an address that is none", 2, /an address like/, ["list", "--url", "nonsense"]]
  ])("refuses %s", async (_, status, reason, args) => {
    await lazyboss.refuses(status, reason, "job", ...args)
  })
})
