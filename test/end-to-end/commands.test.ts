/** The commands for people and scripts, against a server as a user starts it. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { commandsOn, outcomeOf } from "../support/commands.ts"
import { asRecord, asRecords } from "../support/http.ts"
import { claim, finish, newName, report } from "../support/jobs.ts"
import { launch } from "../support/processes.ts"
import { newDataDir, serve, serveEmbedded, type Serving } from "../support/serving.ts"
import { eventually } from "../support/waiting.ts"

/** A command takes a second to begin, on a busy machine many. */
const patience = 60_000
const nobody = "01900000-0000-7000-8000-000000000000"

let server: Serving
let lazyboss: ReturnType<typeof commandsOn>
beforeAll(async () => {
  server = await serveEmbedded()
  lazyboss = commandsOn(server)
})

const json = async (...args: ReadonlyArray<string>): Promise<unknown> =>
  JSON.parse(await lazyboss.says(...args, "--json"))

describe("lazyboss job", { concurrent: true }, () => {
  it("creates, shows, lists, cancels and retries", async () => {
    const type = newName("type")
    const id = await lazyboss.says(
      ...["job", "create", type, '{"url": "beach.png"}', "--priority", "5", "--tag", "a", "--tag", "b"],
      ...["--delay", "1h", "--max-attempts", "3", "--lease", "30s", "--fairness-key", "tenant 42"],
      ...["--constraints", '[{"skill": "gpu", "op": "exists"}]']
    )
    assert.match(id, /^[0-9a-f-]{36}$/)
    const job = asRecord(await json("job", "get", id))
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
    assert.deepStrictEqual(await json("job", "list", "--type", type), [job])
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
    assert.deepStrictEqual(await json("job", "list", "--type", newName("type")), [])
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
    const [job] = asRecords(await json("job", "list", "--type", type))
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
    await lazyboss.says("job", "create", type)
    const script = `"$0" "$1" job follow "$2" --json | head -1`
    const [job] = asRecords(await json("job", "list", "--type", type))
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

  it.each<[string, number, RegExp, ReadonlyArray<string>]>([
    ["parameters that are no JSON", 2, /PARAMETERS must be JSON/, ["create", "x", "{url}"]],
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

describe("supervising", { concurrent: true }, () => {
  it("lazyboss policy", async () => {
    const type = newName("type")
    const set = ["policy", "set", type]
    assert.strictEqual(
      await lazyboss.says(...set, "maxAttempts=3", "backoff.initial=1s", "pickup=null"),
      `${type}: maxAttempts=3 backoff.initial=1s pickup=off`
    )
    await lazyboss.says(...set, "lease=5m")
    assert.deepStrictEqual(asRecord(await json("policy", "get", type))["own"], {
      maxAttempts: 3,
      backoff: { initial: "1s" },
      lease: "5m",
      pickup: null
    })
    const shown = await lazyboss.says("policy", "get", type)
    assert.match(shown, new RegExp(`^lease +5m +${type}$`, "m"))
    assert.match(shown, /^maxRun +30m +inherited$/m)
    assert.include(await lazyboss.says("policy", "list"), type)
    assert.strictEqual(await lazyboss.says(...set, "lease=2m", "--replace"), `${type}: lease=2m`)
    await lazyboss.refuses(2, /nope: is not a field/, ...set, "nope=1")
    await lazyboss.refuses(2, /must be like maxAttempts=3/, ...set, "lease")
    await lazyboss.says("policy", "reset", type)
    await lazyboss.refuses(4, /policy/, "policy", "reset", type)
  })

  it("lazyboss worker and type", async () => {
    const type = newName("type")
    const name = `${newName("worker")}/1`
    await lazyboss.says("job", "create", type)
    await claim(server, name, { types: [type], skills: { memoryGb: 8 } })
    const listed = await lazyboss.says("worker", "list")
    assert.match(listed, new RegExp(`^${name} +active +1 .* ${type} +memoryGb=8$`, "m"))
    assert.strictEqual(
      await lazyboss.says("worker", "pause", name, "--reason", "new fans"),
      `${name} is paused`
    )
    assert.match(await lazyboss.says("worker", "get", name), /^reason +new fans$/m)
    assert.strictEqual(await lazyboss.says("worker", "resume", name), `${name} is active`)
    assert.strictEqual(await lazyboss.says("worker", "ban", name), `${name} is banned`)
    await lazyboss.refuses(4, /worker/, "worker", "get", newName("worker"))

    assert.strictEqual(await lazyboss.says("type", "pause", type), `${type} is paused`)
    await eventually(async () => {
      assert.match(await lazyboss.says("type", "list"), new RegExp(`^${type} .* paused$`, "m"))
    }, patience)
    assert.strictEqual(await lazyboss.says("type", "resume", type), `${type} is not paused`)
  })

  it("lazyboss schedule", async () => {
    const name = newName("schedule")
    const put = ["schedule", "put", name]
    const shown = await lazyboss.says(
      ...[...put, "30 4 * * *", "report", '{"of": "yesterday"}', "--tag", "books"],
      ...["--time-zone", "Europe/Berlin", "--overlap", "skip"]
    )
    assert.match(shown, /^job +\{"type":"report","parameters":\{"of":"yesterday"\},"tags":\["books"\]\}$/m)
    assert.match(
      await lazyboss.says("schedule", "list"),
      new RegExp(`^${name} +30 4 \\* \\* \\* +Europe/Berlin +report +in `, "m")
    )
    const id = await lazyboss.says("schedule", "run", name)
    assert.match(await lazyboss.says("job", "get", id), new RegExp(`^schedule +${name}$`, "m"))
    await lazyboss.refuses(5, /not finished/, "schedule", "run", name)
    await lazyboss.says("schedule", "pause", name)
    const paused = asRecord(await json("schedule", "get", name))
    assert.deepInclude(paused, { paused: true, overlap: "skip", timeZone: "Europe/Berlin", lastJob: id })
    assert.strictEqual(await lazyboss.says("schedule", "resume", name), `${name} is not paused`)
    await lazyboss.refuses(2, /cron: /, ...put, "never", "report")
    await lazyboss.says("schedule", "delete", name)
    await lazyboss.refuses(4, /schedule/, "schedule", "get", name)
  })

  it("lazyboss project", async () => {
    const type = newName("type")
    const id = await lazyboss.says(
      "project",
      "create",
      "holiday photos",
      "--jobs",
      JSON.stringify([{ type }])
    )
    await lazyboss.says("job", "create", type, "--project", id)
    assert.match(await lazyboss.says("project", "list"), new RegExp(`^${id}  holiday photos +open`, "m"))
    assert.strictEqual(await lazyboss.says("project", "close", id), `${id} is closed`)
    await lazyboss.refuses(5, /project/, "job", "create", type, "--project", id)
    const following = lazyboss.begin(["project", "follow", id])
    await lazyboss.says("work", type, "--drain", "--", "true")
    const { status, stderr } = await outcomeOf(following)
    assert.strictEqual(status, 0, stderr)
    assert.match(stderr, /— finished, 100%: 2 done\n$/)
    assert.match(await lazyboss.says("project", "get", id), /^jobs +2 done$/m)
    await lazyboss.refuses(5, /finished/, "project", "cancel", id)

    const other = await lazyboss.says(
      "project",
      "create",
      "others",
      "--closed",
      "--jobs",
      JSON.stringify([{ type }])
    )
    await lazyboss.says("project", "cancel", other, "--reason", "enough")
    await lazyboss.refuses(2, /jobs.0.type: is required/, "project", "create", "x", "--jobs", "[{}]")
    const cancelled = await lazyboss.run("project", "follow", other)
    assert.strictEqual(cancelled.status, 3, cancelled.stderr)
    assert.match(cancelled.stderr, /was cancelled\n$/)
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

describe("completions", () => {
  const complete = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
    const script = await lazyboss.says("--completions", "bash")
    const ask = `
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      COMP_LINE="\${COMP_WORDS[*]}"
      COMP_POINT=\${#COMP_LINE}
      $(complete -p lazyboss | sed -E 's/.*-F ([^ ]+).*/\\1/') lazyboss "\${COMP_WORDS[COMP_CWORD]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const shell = launch("bash", ["--norc", "-s"], { input: `${script}\n${ask}\n` })
    assert.strictEqual((await shell.ended(patience)).status, 0, shell.stderr())
    return shell.stdout().trim().split(/\s+/)
  }

  it("work in bash", async () => {
    assert.includeMembers([...(await complete("lazyboss", ""))], ["serve", "work", "job", "policy", "demo"])
    assert.deepStrictEqual(await complete("lazyboss", "sched"), ["schedule"])
    assert.deepStrictEqual(await complete("lazyboss", "job", "fol"), ["follow"])
    assert.deepStrictEqual(await complete("lazyboss", "job", "list", "--status", "canc"), ["cancelled"])
    assert.deepStrictEqual(await complete("lazyboss", "work", "x", "--concur"), ["--concurrency"])
  })

  it.each(["zsh", "fish"])("are there for %s", async (shell) => {
    const script = await lazyboss.says("--completions", shell)
    for (const word of ["serve", "schedule", "resume", "--concurrency".slice(2), "cancelled"]) {
      assert.include(script, word)
    }
  })
})

describe("lazyboss demo", () => {
  it("has something to look at, and leaves nothing", async () => {
    const demo = lazyboss.begin(["demo", "--port", "0"])
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
