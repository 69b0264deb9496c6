/** `lazyboss work` with programs of all sorts, of a server of its own. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { commandsOn, outcomeOf } from "../support/commands.ts"
import { call, expectStatus } from "../support/http.ts"
import { attempts, create, get, log, newName, type WireJob } from "../support/jobs.ts"
import { newFolder } from "../support/processes.ts"
import { isAlive, patient, pidIn, shell, untilEnd } from "../support/programs.ts"
import { quickPolicy, withServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"

/** Those who are told to stop have time to. */
const policy = { ...quickPolicy, cancelGrace: Duration.seconds(20) }

withServer(
  "lazyboss work",
  (server) => {
    const beginWork = (type: string, command: ReadonlyArray<string>, ...options: ReadonlyArray<string>) =>
      commandsOn(server).begin(["work", type, ...options, "--", ...command])

    /** Does one job with a program, to its end. */
    const doOne = async (command: ReadonlyArray<string>, wishes: object = {}): Promise<WireJob> => {
      const type = newName("type")
      const { id } = await create(server, { type, maxAttempts: 1, ...wishes })
      const worker = beginWork(type, command, "--once")
      const { status, stderr } = await outcomeOf(worker)
      const job = await get(server, id)
      assert.strictEqual(status, job.status === "done" ? 0 : 3, stderr)
      return job
    }

    describe("a program", () => {
      it("is told of its job, and tells of its work", async () => {
        const job = await doOne(
          shell(`
        cat; echo
        echo "$LAZYBOSS_TYPE $LAZYBOSS_JOB $LAZYBOSS_ATTEMPT $LAZYBOSS_ATTEMPT_NUMBER $LAZYBOSS_PARAMETERS"
        [ -z "$LAZYBOSS_CHECKPOINT" ] && echo nothing before
        echo ::percent 33
        echo ::message half way
        echo "a warning" >&2
        echo '{"pages": 3}'
        echo ::percent 66.5
      `),
          { parameters: { name: 'it\'s "quoted"' } }
        )
        assert.strictEqual(job.status, "done")
        assert.deepStrictEqual(job.result, { pages: 3 })
        assert.deepStrictEqual(job.progress, { percent: 66.5, message: "half way" })
        const parameters = '{"name":"it\'s \\"quoted\\""}'
        // What goes to the two outputs may come in either order.
        assert.sameMembers((await log(server, job.id)).trimEnd().split("\n"), [
          parameters,
          `${job.type} ${job.id} ${job.attempt} 1 ${parameters}`,
          "nothing before",
          "a warning",
          '{"pages": 3}'
        ])
      })

      it("may be written in Python, and goes on from its checkpoint", async () => {
        const script = join(await newFolder(), "work.py")
        await writeFile(
          script,
          `import json, os, sys
parameters = json.load(sys.stdin)
if "LAZYBOSS_CHECKPOINT" not in os.environ:
    print("::checkpoint", json.dumps({"page": parameters["pages"]}), flush=True)
    raise ValueError("no more ink")
with open(os.environ["LAZYBOSS_CHECKPOINT"]) as file:
    checkpoint = json.load(file)
with open(os.environ["LAZYBOSS_RESULT"], "w") as file:
    json.dump({"from": checkpoint["page"]}, file)
print("Grüße, and not the result")
`
        )
        const type = newName("type")
        await call(server, "PUT", `/policies/${type}`, { json: { backoff: { initial: "10ms" } } })
        const { id } = await create(server, { type, parameters: { pages: 7 } })
        beginWork(type, ["python3", script])
        const job = await untilEnd(server, id)
        assert.deepStrictEqual(job.result, { from: 7 })
        const [first, second] = await attempts(server, id)
        assert.strictEqual(first?.outcome, "failed")
        assert.strictEqual(second?.outcome, "done")
        const { error } = first ?? {}
        assert.include(
          JSON.stringify(error),
          '"message":"python3 ended with status 1: ValueError: no more ink"'
        )
        assert.include(JSON.stringify(error), "Traceback")
        assert.include(await log(server, id), "Grüße, and not the result\n")
      })

      it("is heard while it works, in the middle of a line", async () => {
        const done = join(await newFolder(), "done")
        const type = newName("type")
        const { id } = await create(server, { type })
        const worker = beginWork(
          type,
          ["env", `DONE=${done}`, ...shell(`printf 'Are you sure? '; ${patient}`)],
          "--once"
        )
        await eventually(async () => assert.include(await log(server, id), "Are you sure? "))
        assert.strictEqual((await get(server, id)).status, "processing")
        await writeFile(done, "")
        assert.strictEqual((await outcomeOf(worker)).status, 0)
        assert.strictEqual((await get(server, id)).result, "finished")
      })

      it.each<[string, string, unknown]>([
        ["nothing", "exit 0", null],
        ["text", "echo two words", "two words"],
        ["no line break", "printf 42", 42],
        ["bytes that are no text", "printf '\\377\\000ok'", "\ufffd\ufffdok"],
        ["nothing after it closed its input", "exec <&-; sleep 0.1", null],
        ["something, and leaves a program behind", "sleep 600 & echo gone", "gone"],
        ["something, and leaves a daemon behind", "setsid sleep 20 & echo gone", "gone"]
      ])("may say %s", async (_, script, result) => {
        const job = await doOne(shell(script), { parameters: "x".repeat(100_000) })
        assert.deepStrictEqual<unknown>([job.status, job.result], ["done", result])
      })

      it("may say very much", async () => {
        const job = await doOne(shell("seq 200000; head -c 300000 /dev/zero | tr '\\0' x; echo; echo last"))
        assert.strictEqual(job.result, "last")
        const numbers = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join("")
        assert.strictEqual(await log(server, job.id), `${numbers}${"x".repeat(300_000)}\nlast\n`)
      })

      it.each<[string, ReadonlyArray<string>, RegExp]>([
        [
          "ends with another status",
          shell("echo why >&2; exit 3"),
          /"message":"sh ended with status 3: why","status":3/
        ],
        ["is killed", shell("kill -9 $$"), /"message":"sh was killed by SIGKILL","signal":"SIGKILL"/],
        [
          "writes an error of its own",
          shell(`echo '{"code": 7}' >"$LAZYBOSS_ERROR"; exit 1`),
          /^\{"code":7\}$/
        ],
        [
          "has too large a result",
          shell('head -c 1048577 /dev/zero >"$LAZYBOSS_RESULT"'),
          /has 1048577 bytes/
        ],
        [
          "ends with too long a line",
          shell("head -c 1048577 /dev/zero | tr '\\0' x"),
          /too long for a result/
        ]
      ])("fails that %s", async (_, command, error) => {
        const job = await doOne(command)
        assert.strictEqual(job.status, "failed")
        assert.match(JSON.stringify(job.error), error)
      })
    })

    describe("a job that is cancelled", () => {
      it("is told to its program, which may clean up", async () => {
        const type = newName("type")
        const { id } = await create(server, { type })
        beginWork(
          type,
          shell(`trap 'echo cleaned up; kill $! 2>/dev/null; exit 1' TERM; echo $$; sleep 600 & wait`)
        )
        const pid = await pidIn(server, id)
        expectStatus(await call(server, "DELETE", `/jobs/${id}`), 202)
        assert.strictEqual((await untilEnd(server, id)).status, "cancelled")
        assert.isFalse(isAlive(pid))
        assert.strictEqual(await log(server, id), `${pid}\ncleaned up\n`)
        // The worker said so, before the grace was over.
        assert.strictEqual((await attempts(server, id)).at(-1)?.outcome, "failed")
      })

      it("kills a program that does not want to hear, with those that it started", async () => {
        const type = newName("type")
        const { id } = await create(server, { type })
        beginWork(
          type,
          shell(`trap '' TERM; sh -c 'echo $$; while :; do sleep 0.1; done'`),
          "--grace",
          "300ms"
        )
        const pid = await pidIn(server, id)
        expectStatus(await call(server, "DELETE", `/jobs/${id}`), 202)
        assert.strictEqual((await untilEnd(server, id)).status, "cancelled")
        await eventually(() => assert.isFalse(isAlive(pid)))
      })
    })

    describe("a worker", () => {
      it("does several jobs at a time, those that its skills allow, and ends when there are no more", async () => {
        const type = newName("type")
        const constraints = [{ skill: "memoryGb", op: "gte", value: 8 }]
        const jobs = await Promise.all(Array.from({ length: 4 }, () => create(server, { type, constraints })))
        const other = await create(server, { type, constraints: [{ skill: "gpu", op: "exists" }] })
        const name = newName("worker")
        const options = ["--drain", "--concurrency", "2", "--skills", '{"memoryGb": 16}', "--name", name]
        assert.strictEqual((await outcomeOf(beginWork(`${type}*`, shell("sleep 0.1"), ...options))).status, 0)
        for (const { id } of jobs) assert.strictEqual((await get(server, id)).assignee, name)
        assert.strictEqual((await get(server, other.id)).status, "pending")
      })

      it.each<[string, number, RegExp, ReadonlyArray<string>]>([
        ["a program that is not there", 2, /no program \/none/, ["x", "--", "/none"]],
        ["no program", 2, /lazyboss work thumbnail -- /, ["x"]],
        ["no type", 2, /lazyboss work thumbnail -- /, ["--", "ls"]],
        ["a type that is none", 2, /must be a job type/, ["no type", "--", "ls"]],
        ["a grace that is none", 2, /grace: must be a duration/, ["x", "--grace", "soon", "--", "ls"]],
        ["skills that are none", 2, /--skills must be JSON.*memoryGb/, ["x", "--skills", "{gpu}", "--", "ls"]]
      ])("refuses %s", async (_, status, reason, args) => {
        await commandsOn(server).refuses(status, reason, "work", ...args)
      })
    })
  },
  policy
)
