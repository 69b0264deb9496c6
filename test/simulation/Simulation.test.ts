/** The simulation itself: a seed is a run, runs find nothing wrong, and what was wrong once stays right. */
import { execFileSync } from "node:child_process"
import { assert, describe, it, vi } from "@effect/vitest"
import { checkers } from "./checkers/all.ts"
import hashes from "./hashes.json" with { type: "json" }
import { draw } from "./Options.ts"
import { optionsOf, regressions } from "./regressions.ts"
import { simulate } from "./Simulation.ts"
import { reduce } from "./tool/reduce.ts"

/** How many other runs are played by every test; `npm run simulate` plays as many as one likes. */
const runs = 4

const violationOf = (seed: string) => simulate(draw(seed)).violation

describe("a seed is a run", () => {
  it.each(Object.entries(hashes))("the run of the seed %s is the one it always was", (seed, hash) => {
    const outcome = simulate(draw(seed))
    assert.deepStrictEqual([outcome.violation, outcome.hash], [null, hash])
  })

  it("is the same in another process", () => {
    const script = new URL("main.ts", import.meta.url).pathname
    const said = execFileSync(process.execPath, [script, "--seed", "30"], { encoding: "utf8" })
    assert.include(said, `seed 30: hash ${hashes["30"]}`)
  })

  it("is the same on any day: it asks the machine neither for the time nor for chance", () => {
    const never = () => {
      throw new Error("this is the machine's")
    }
    const [now, random] = [vi.spyOn(Date, "now"), vi.spyOn(Math, "random")]
    now.mockImplementation(never)
    random.mockImplementation(never)
    try {
      assert.strictEqual(simulate(draw("30")).hash, hashes["30"])
    } finally {
      now.mockRestore()
      random.mockRestore()
    }
  })

  it("is another for another seed", () => {
    assert.strictEqual(new Set(Object.values(hashes)).size, Object.keys(hashes).length)
  })
})

it("finds nothing wrong", () => {
  for (let seed = 1_001; seed <= 1_000 + runs; seed++) {
    assert.deepStrictEqual([seed, violationOf(String(seed))], [seed, null])
  }
})

it.each(regressions)("the seed $seed: $what", (regression) => {
  assert.isNull(simulate(optionsOf(regression)).violation)
})

it("notices an actor that dies, as one that cannot start a server again", () => {
  const options = { ...draw("1"), incidents: { ...draw("1").incidents, serverDies: 5_000 } }
  let starts = 0
  const { violation } = simulate(options, {
    wrapping: (store) => {
      if (++starts > options.servers) throw new Error("no more servers")
      return store
    }
  })
  assert.strictEqual(violation?.checker, "no complaints")
  assert.match(violation?.text ?? "", /^killer died: .*no more servers/)
})

it("notices a run that never ends, as one in which the store fails every time", () => {
  const options = draw("27")
  const { violation } = simulate({ ...options, faults: { ...options.faults, storeBefore: 1 } })
  assert.deepStrictEqual(violation, { checker: "the run itself", text: "it never ends" })
})

it("makes a run that fails shorter", async () => {
  // A checker that cannot stand jobs that are done.
  const settings = {
    checkers: [
      ...checkers,
      {
        name: "nothing is done",
        make: (_: unknown, violated: (text: string) => void) => ({
          changed: ({ after }: { readonly after: { readonly job: { readonly status: string } } | null }) => {
            if (after?.job.status === "done") violated("a job is done")
          }
        })
      }
    ]
  }
  const failed = simulate(draw("6"), settings)
  assert.strictEqual(failed.violation?.checker, "nothing is done")
  const reduced = await reduce(failed, settings, 20)
  assert.strictEqual(reduced.violation?.checker, "nothing is done")
  assert.isBelow(reduced.options.length, failed.options.length)
  assert.isAbove(reduced.options.without.size, 0)
})
