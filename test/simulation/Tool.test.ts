/** `npm run simulate`: how its words are read, what it says of runs that fail, and how it ends. */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, existsSync, openSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Option, Result, Schema } from "effect"
import type { CheckerMaker } from "./Checker.ts"
import { checkers } from "./checkers/all.ts"
import { draw, type Options, OptionsText } from "./Options.ts"
import type { Outcome, RunSettings } from "./Simulation.ts"
import { readTask } from "./tool/commandLine.ts"
import { enoughForAll, summaryOf } from "./tool/coverage.ts"
import { describeFailure, replayOptions, replaySeed } from "./tool/failure.ts"
import { renewHashes } from "./tool/hashes.ts"
import { playMany } from "./tool/manyRuns.ts"
import { playOne } from "./tool/oneRun.ts"
import type { Output } from "./tool/Output.ts"
import { playAll, type Played } from "./tool/playing.ts"
import { playRun } from "./tool/playRun.ts"
import { type Status, status } from "./tool/Status.ts"
import type { ManyRuns } from "./tool/Task.ts"

/** What the words are read as, and what was written meanwhile. */
const read = (...words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const complaints: Array<string> = []
    const task = yield* Effect.result(readTask(words)).pipe(
      Effect.provide(NodeServices.layer),
      Effect.provideService(Console.Console, {
        ...globalThis.console,
        log: (text) => said.push(String(text)),
        error: (text) => complaints.push(String(text))
      })
    )
    return { task, said: said.join("\n"), complaints }
  })

const textOf = Schema.encodeSync(OptionsText)

/** The options of a run as text, with a part that is other than it was drawn. */
const optionsWith = (changed: object) => JSON.stringify({ ...JSON.parse(textOf(draw("30"))), ...changed })

const refused = (words: ReadonlyArray<string>, complaint: string) =>
  Effect.gen(function* () {
    const { complaints, said, task } = yield* read(...words)
    assert.isTrue(Result.isFailure(task))
    assert.strictEqual(said, "")
    assert.strictEqual(complaints.length, 1)
    assert.include(complaints[0], complaint)
    assert.match(complaints[0] ?? "", /^simulate: .* \(see npm run simulate -- --help\)$/)
  })

const collected = () => {
  const lines: Array<string> = []
  const complaints: Array<string> = []
  const output: Output = {
    say: (line) => lines.push(...line.split("\n")),
    complain: (line) => complaints.push(line),
    show: () => {}
  }
  return { lines, complaints, output }
}

const checker = (name: string, changed: (status: string | undefined, id: string) => string | null) =>
  ({
    name,
    make: (_, violated) => ({
      changed: ({ after, id }) => {
        const text = changed(after?.job.status, id)
        if (text !== null) violated(text)
      }
    })
  }) satisfies CheckerMaker

/** A checker that cannot stand jobs that are done. */
const nothingIsDone: RunSettings = {
  checkers: [...checkers, checker("nothing is done", (is, id) => (is === "done" ? `${id} is done` : null))]
}

/** Runs that throw outside of any fiber. */
const throwing: RunSettings = {
  checkers: [
    {
      name: "throws",
      make: () => {
        throw new Error("no more paper")
      }
    }
  ]
}

const never = new AbortController().signal

describe("the words", () => {
  it.effect.each([
    [[], { _tag: "ManyRuns", from: 1, runs: 100, minutes: Infinity }],
    [["--minutes", "0.5", "--from", "7"], { _tag: "ManyRuns", from: 7, runs: Infinity, minutes: 0.5 }],
    [["--runs=3", "--minutes=2"], { _tag: "ManyRuns", from: 1, runs: 3, minutes: 2 }],
    [["--seed", "18"], { _tag: "OneRun", options: draw("18"), isDrawn: true, isTraced: false }],
    [
      ["--options", textOf(draw("18")), "--trace"],
      { _tag: "OneRun", options: draw("18"), isDrawn: false, isTraced: true }
    ],
    [["--hashes"], { _tag: "Hashes" }]
  ] as const)("%j are understood", ([words, task]) =>
    Effect.gen(function* () {
      const result = yield* read(...words)
      const found = Option.getOrThrow(Result.getOrThrow(result.task))
      assert.deepInclude(found, task)
      assert.deepStrictEqual(result.complaints, [])
    })
  )

  it.effect.each([
    [["--workers", "0"], '--workers: "0". must be 1 to 256'],
    [["--workers", "x"], "--workers"],
    [["--runs", "0"], '--runs: "0". must be 1 or more'],
    [["--runs", "x"], "--runs"],
    [["--minutes", "x"], "--minutes"],
    [["--minutes", "0"], '--minutes: "0". must be more than 0'],
    [["--from", "x"], "--from"],
    [["--from", "9007199254740991"], '--from: "9007199254740991". must be 1 to 1000000000000000'],
    [["--from", "1.5"], '--from: "1.5". Expected an integer'],
    [["--seed", ""], "--seed. must not be empty"],
    [["--seed", "1", "--seed", "2"], "--seed"],
    [["18"], "18"],
    [["--sed", "18"], "Did you mean this? --seed"],
    [["--seed", "1", "--runs", "3"], "--seed and --runs do not go together"],
    [["--options", "{}", "--seed", "3"], "--options and --seed do not go together"],
    [["--hashes", "--trace"], "--hashes and --trace do not go together"],
    [["--options", "{}", "--workers", "1"], "--options and --workers do not go together"],
    [["--trace", "--runs", "2"], "--trace shows one run"],
    [["--options", "{"], "--options: Expected a valid JSON string"]
  ] as const)("%j are refused in a line", ([words, complaint]) => refused(words, complaint))

  it.effect.each([
    [{ servers: 0 }, "servers: must be 1 to 100"],
    [{ clients: -1 }, "clients: must be 0 to 100"],
    [{ pace: 0 }, "pace: must be more than 0"],
    [{ newsDelay: -1 }, "newsDelay: must be 0 to 2000"],
    [{ storeDelay: 30_000 }, "storeDelay: must be 0 to 2000"],
    [{ length: 1e9 }, "length: must be at most 86400000"],
    [{ seed: "" }, "seed: must not be empty"],
    [{ length: "1" }, "length: "],
    [{ wishes: 3 }, "wishes: is not a field"],
    [{ faults: { ...draw("30").faults, newsLost: 2 } }, "faults.newsLost: must be 0 to 1"],
    [{ incidents: { ...draw("30").incidents, clockSet: 0 } }, "incidents.clockSet: must be more than 0"],
    [{ without: ["client-1", "intruder", "client-99"] }, 'without: nobody in this run is called "client-99"']
  ] as const)("options with %j are refused", ([changed, complaint]) =>
    refused(["--options", optionsWith(changed)], `--options: ${complaint}`)
  )

  it.effect("may ask for help", () =>
    Effect.gen(function* () {
      const { said, task } = yield* read("--help")
      assert.isTrue(Option.isNone(Result.getOrThrow(task)))
      for (const flag of ["seed", "options", "trace", "runs", "minutes", "from", "workers", "hashes"]) {
        assert.match(said, new RegExp(`--${flag} .*[A-Z]`))
      }
      assert.include(said, `In ${enoughForAll} runs and more`)
    })
  )
})

/** What a shell makes of the last word of a command. */
const lastWordOf = (command: string) =>
  execFileSync(
    "sh",
    [
      "-c",
      `printf %s ${command.slice(command.indexOf("--", command.indexOf("-- ") + 3)).replace(/^--\w+ /, "")}`
    ],
    {
      encoding: "utf8"
    }
  )

describe("a command that plays a run again", () => {
  it.each(["6", "it's 6", 'say "6"', "$HOME `6` \\'", "-6"])(
    "is taken by a shell as it is: seed %s",
    (seed) => {
      const options: Options = { ...draw(seed), without: new Set(["client-1"]) }
      assert.strictEqual(lastWordOf(replaySeed(seed)).replace(/^--seed=/, ""), seed)
      assert.deepStrictEqual(Schema.decodeSync(OptionsText)(lastWordOf(replayOptions(options))), options)
    }
  )
})

describe("a failure", () => {
  const [job, attempt] = ["01ba1ca3-5073-75eb-a894-39e90c1ee51b", "01ba1ca3-5073-75eb-a894-39eeb67a08bb"]
  const failed = (text: string, trace: ReadonlyArray<string>): Outcome => ({
    options: draw("6"),
    violation: { checker: "one outcome", text },
    hash: "",
    trace,
    counts: new Map(),
    simulatedMillis: 12_843
  })
  const others = Array.from({ length: 100 }, (_, place) => `${place}.000 job ${place}`)

  it("is said once, with its time, how to play it again, and marks at what it names", () => {
    const lines = describeFailure(
      failed(`${attempt} ended twice`, [`0.000 job ${job}`, `1.000 job ${job} ${attempt}:`, ...others]),
      [{ what: "this run again", command: "npm run simulate" }]
    )
    assert.deepStrictEqual(lines.slice(0, 7), [
      `seed 6 fails after 12.843 s: one outcome: ${attempt} ended twice`,
      "  this run again:",
      "    npm run simulate",
      `  the end of its trace, > for ${attempt}:`,
      "    …",
      `  > 1.000 job ${job} ${attempt}:`,
      "    …"
    ])
    assert.deepStrictEqual(
      lines.slice(7),
      others.slice(-20).map((line) => `    ${line}`)
    )
  })

  it("is about whoever takes part if it names no ids, and about nobody if it names none", () => {
    const trace = ["1.000 worker-1 has none", "2.000 worker-10 has none"]
    assert.deepStrictEqual(describeFailure(failed("worker-1 is late", trace), []).slice(1), [
      "  the end of its trace, > for worker-1:",
      "  > 1.000 worker-1 has none",
      "    2.000 worker-10 has none"
    ])
    assert.deepStrictEqual(describeFailure(failed("all is lost", trace), []).slice(1), [
      "  the end of its trace:",
      "    1.000 worker-1 has none",
      "    2.000 worker-10 has none"
    ])
  })
})

describe("one run", () => {
  const one = (options: Options, isDrawn: boolean, settings: RunSettings, signal = never) => {
    const { lines, output } = collected()
    const task = { _tag: "OneRun", options, isDrawn, isTraced: false } as const
    return playOne(task, output, () => signal, settings).then((ended) => ({ ended, lines }))
  }

  it("that fails is made shorter, and played again by the command that is shown", async () => {
    const drawn = await one(draw("6"), true, nothingIsDone)
    assert.strictEqual(drawn.ended, status.failed)
    const said = drawn.lines.filter((line) => line.includes("fails after"))
    assert.strictEqual(said.length, 1)
    assert.include(drawn.lines, `    ${replaySeed("6")}`)
    const command = drawn.lines.find((line) => line.includes("--options")) ?? ""
    const options = Schema.decodeSync(OptionsText)(lastWordOf(command))
    assert.isAbove(options.without.size, 0)

    const again = await one(options, false, nothingIsDone)
    assert.strictEqual(again.ended, status.failed)
    assert.deepStrictEqual(
      again.lines.filter((line) => line.includes("fails after")),
      said
    )
    // Not made shorter again, nor taken for the run of the seed.
    assert.include(again.lines, command)
    assert.isTrue(again.lines.some((line) => line.startsWith("these options: hash ")))
    assert.isFalse(again.lines.some((line) => line.startsWith("seed 6: hash ")))
  })

  it("that throws has failed", async () => {
    const { ended, lines } = await one(draw("6"), false, throwing)
    assert.strictEqual(ended, status.failed)
    assert.isTrue(
      lines.some((line) => /fails after .*the run itself: it breaks: Error: no more paper/.test(line))
    )
  })

  it("is no longer made shorter when it is told to stop", async () => {
    const { ended, lines } = await one(draw("6"), true, nothingIsDone, AbortSignal.abort())
    assert.strictEqual(ended, status.stopped)
    assert.strictEqual(lines.at(-1), "stopped")
    assert.include(lines, `    ${replaySeed("6")}`)
    assert.isFalse(lines.some((line) => line.includes("--options")))
  })
})

describe("many runs", () => {
  const task: ManyRuns = { _tag: "ManyRuns", from: 1, runs: 4, minutes: Infinity, workers: 1 }

  /** Plays none, but says of each that it failed, or that nothing is wrong. */
  const pretending =
    (failing: ReadonlyArray<string>, more: Partial<Played> = {}): typeof playAll =>
    async ({ from, isEnough, runs }, played) => {
      for (let place = 0; place < runs && !isEnough(); place++) {
        const seed = String(from + place)
        const violation = failing.includes(seed) ? { checker: "nothing is done", text: "it is done" } : null
        played({
          seed,
          hasDied: false,
          simulatedMillis: 3_600_000,
          counts: new Map([["amend", 2]]),
          ...more,
          violation
        })
      }
    }

  const many = (
    play: typeof playAll,
    changed: Partial<ManyRuns> = {},
    settings = nothingIsDone,
    signal = never
  ) => {
    const { lines, output } = collected()
    return playMany({ ...task, ...changed }, output, signal, play, settings).then((ended) => ({
      ended,
      lines
    }))
  }

  it("that are well", async () => {
    const { ended, lines } = await many(pretending([]))
    assert.strictEqual(ended, status.well)
    assert.deepStrictEqual(lines.slice(0, 2), [
      "        8  amend",
      `what never occurred is told, and is a failure, from ${enoughForAll} runs on`
    ])
    assert.match(lines[2] ?? "", /^4 runs, 0 failed, 4\.0 simulated hours/)
    assert.strictEqual(lines.length, 3)
  })

  it("show what failed after what was covered", async () => {
    const { ended, lines } = await many(pretending(["6"]), { from: 5 })
    assert.strictEqual(ended, status.failed)
    const places = ["seed 6 fails: nothing is done", "        8  amend", `    ${replaySeed("6")}`].map(
      (line) => lines.indexOf(line)
    )
    assert.deepStrictEqual(
      places,
      places.toSorted((left, right) => left - right)
    )
    assert.isAtLeast(places[0] ?? -1, 0)
    assert.strictEqual(lines.filter((line) => line.includes("fails after")).length, 1)
    assert.match(lines.at(-1) ?? "", /^4 runs, 1 failed/)
  })

  it("fail if something never occurs in enough of them", async () => {
    const { ended, lines } = await many(pretending([]), { runs: enoughForAll })
    assert.strictEqual(ended, status.failed)
    assert.include(lines, "    never  cancel")
    assert.notInclude(lines, "    never  amend")
    assert.match(lines.at(-2) ?? "", /^\d+ things never occurred$/)
  })

  it("end with a summary when they are stopped", async () => {
    const { ended, lines } = await many(
      pretending(["6", "8"]),
      { from: 5 },
      nothingIsDone,
      AbortSignal.abort()
    )
    assert.strictEqual(ended, status.stopped)
    assert.deepStrictEqual(lines.slice(-4, -1), [
      "these fail:",
      `  ${replaySeed("6")}`,
      `  ${replaySeed("8")}`
    ])
    assert.match(lines.at(-1) ?? "", /^stopped: 4 runs, 2 failed/)
  })

  it("tell of one of which the thread died, without playing it again", async () => {
    const { ended, lines } = await many(pretending(["6"], { hasDied: true }), { from: 6, runs: 1 }, throwing)
    assert.strictEqual(ended, status.failed)
    assert.include(lines, "seed 6 fails: nothing is done: it is done")
    assert.include(lines, "  its thread died of it:")
  })

  it("end soon after their time", async () => {
    let count = 0
    const { ended } = await many(
      async ({ isEnough, runs }) => {
        assert.strictEqual(runs, Infinity)
        while (!isEnough()) count++
      },
      { runs: Infinity, minutes: 0.0005 }
    )
    assert.strictEqual(ended, status.well)
    assert.isAbove(count, 0)
  })

  it("are told of one by one by threads, until they are stopped", async () => {
    const played: Array<Played> = []
    const stopping = new AbortController()
    const settings = { from: 30, runs: Infinity, workers: 2, isEnough: () => false, signal: stopping.signal }
    await playAll(settings, (one) => {
      played.push(one)
      if (one.seed === "30") stopping.abort()
    })
    assert.deepStrictEqual(played.find(({ seed }) => seed === "30")?.counts, playRun(draw("30")).counts)
  })
})

describe("hashes", () => {
  it("are written down anew, and those that are others are named", () => {
    const { lines, output } = collected()
    const { hash } = playRun(draw("30"))
    let written: object | null = null
    const ended = renewHashes(
      { 30: "before", 54: playRun(draw("54")).hash },
      (hashes) => (written = hashes),
      output
    )
    assert.strictEqual(ended, status.well)
    assert.deepStrictEqual<unknown>(written, { 30: hash, 54: playRun(draw("54")).hash })
    assert.deepStrictEqual(lines, [`seed 30: before is ${hash} now`, "1 of 2 hashes are others"])
  })

  it("are not written if a run fails", () => {
    const { complaints, lines, output } = collected()
    const ended = renewHashes({ 30: "before" }, () => assert.fail("written"), output, nothingIsDone)
    assert.strictEqual(ended, status.failed)
    assert.deepStrictEqual(lines, [])
    assert.match(complaints[0] ?? "", /^seed 30 fails: nothing is done: .* is done$/)
  })
})

it("says what is missing from the number of runs on at which it counts", () => {
  const never = (runs: number) => summaryOf(new Map(), runs).length
  assert.deepStrictEqual([never(enoughForAll - 1), never(enoughForAll) > 0], [0, true])
})

describe("the process", () => {
  const main = new URL("main.ts", import.meta.url).pathname

  const run = async (words: ReadonlyArray<string>, execArgv: ReadonlyArray<string> = []) => {
    const child = spawn(process.execPath, [...execArgv, main, ...words])
    let [said, complained] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complained += text))
    const [code]: ReadonlyArray<Status | null> = await once(child, "close")
    return { code, said, complained }
  }

  it("ends with the status for what it was asked", async () => {
    const [mistyped, help] = await Promise.all([run(["--runs", "x"]), run(["--help"])])
    assert.deepStrictEqual([mistyped.code, mistyped.said], [status.mistyped, ""])
    assert.match(mistyped.complained, /^simulate: .*--runs.*\n$/)
    assert.deepStrictEqual([help.code, help.complained], [status.well, ""])
  })

  it("does not end well if what it finds is not read", async () => {
    const child = spawn(process.execPath, [main, "--help"])
    child.stdout.destroy()
    assert.deepStrictEqual(await once(child, "close"), [status.unread, null])
  })

  const fullDisk = "/dev/full"
  it.runIf(existsSync(fullDisk))("does not end well if what it finds cannot be written", async () => {
    const output = openSync(fullDisk, "w")
    const child = spawn(process.execPath, [main, "--seed", "1"], { stdio: ["ignore", output, "pipe"] })
    let complained = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (complained += text))
    assert.deepStrictEqual(await once(child, "close"), [status.failed, null])
    assert.match(complained, /^simulate: what is found cannot be written: .*\n$/)
    closeSync(output)
  })

  it("ends with a summary by Ctrl-C", async () => {
    // As soon as it listens.
    const interrupting =
      "data:text/javascript,process.on('newListener',(name)=>name==='SIGINT'&&setTimeout(()=>process.kill(process.pid,name)))"
    const { code, said } = await run(["--runs", "100000", "--workers", "1"], ["--import", interrupting])
    assert.strictEqual(code, status.stopped)
    assert.match(said, /^stopped: \d+ runs, 0 failed.*\n$/m)
  })
})
