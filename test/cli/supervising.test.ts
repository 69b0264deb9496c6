/** The commands of those who supervise, of a server of their own. */
import { assert, it } from "@effect/vitest"
import { commandsOn, outcomeOf } from "../support/commands.ts"
import { asRecord } from "../support/http.ts"
import { claim, newName } from "../support/jobs.ts"
import { withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

withServer("supervising by commands", (server) => {
  const lazyboss = commandsOn(server)

  it("lazyboss policy", async () => {
    const type = newName("type")
    const set = ["policy", "set", type]
    assert.strictEqual(
      await lazyboss.says(...set, "maxAttempts=3", "backoff.initial=1s", "pickup=null"),
      `${type}: maxAttempts=3 backoff.initial=1s pickup=off`
    )
    await lazyboss.says(...set, "lease=5m")
    assert.deepStrictEqual(asRecord(await lazyboss.json("policy", "get", type))["own"], {
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
    const fresh = newName("worker")
    await lazyboss.says("job", "create", type)
    await claim(server, fresh, { types: [type] })
    assert.strictEqual(await lazyboss.says("worker", "ban", fresh), `${fresh} is banned`)
    // It may come later, or its name is mistyped: whoever decides on it should know.
    const unseen = newName("worker")
    const decided = (state: string) => `${unseen} is ${state} (no worker of this name has been seen yet)`
    assert.strictEqual(await lazyboss.says("worker", "pause", unseen), decided("paused"))
    assert.strictEqual(await lazyboss.says("worker", "resume", unseen), decided("active"))
    assert.notMatch(await lazyboss.says("worker", "get", unseen), /^first seen/m)

    assert.strictEqual(await lazyboss.says("type", "pause", type), `${type} is paused`)
    const mistyped = newName("type")
    assert.strictEqual(
      await lazyboss.says("type", "pause", mistyped),
      `${mistyped} is paused (no job of this type has been seen yet)`
    )
    await eventually(async () => {
      assert.match(await lazyboss.says("type", "list"), new RegExp(`^${type} .* paused$`, "m"))
    })
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
    const paused = asRecord(await lazyboss.json("schedule", "get", name))
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
