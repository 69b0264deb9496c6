/** That the simulation can fail: it finds every bug that is planted, by the checker that is there for it. */
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { bugs } from "./bugs/all.ts"
import { type Found, findFrom } from "./bugs/find.ts"
import { sourceBugs } from "./bugs/sourceBugs.ts"
import { checkers } from "./checkers/all.ts"
import { draw } from "./Options.ts"
import { simulate } from "./Simulation.ts"
import type { Violation } from "./World.ts"

/** Each bug of the domain takes a second or two on a machine that has much else to do. */
const timeForAll = 5_000 * sourceBugs.length

/** What is wrong with runs without a bug, by their seeds: many bugs are found by the same. */
const withoutBug = new Map<string, Violation | null>()

const violationWithoutBug = (seed: string): Violation | null => {
  const known = withoutBug.get(seed)
  if (known !== undefined) return known
  const { violation } = simulate(draw(seed))
  withoutBug.set(seed, violation)
  return violation
}

/** Asserts that one of these checkers found it, and that nothing is wrong with the same run without the bug. */
const assertFoundBy = (found: Found | null, foundBy: ReadonlyArray<string>, name: string) => {
  assert.isNotNull(found, name)
  assert.include(foundBy, found.checker, `${name}: ${found.text}`)
  assert.isNull(violationWithoutBug(found.seed), `${name}: seed ${found.seed} fails without it`)
}

it("plants a bug for each checker, which no other finds first", () => {
  const foundAlone = [...bugs, ...sourceBugs].flatMap(({ foundBy }) => (foundBy.length === 1 ? foundBy : []))
  assert.deepStrictEqual([...new Set(foundAlone)].toSorted(), checkers.map(({ name }) => name).toSorted())
})

describe("in the store", () => {
  it.each(bugs)("finds $name: $why", ({ firstSeed, foundBy, name, wrapping }) => {
    const found = findFrom(firstSeed, (seed) => simulate(draw(seed), { wrapping }))
    assertFoundBy(found, foundBy, name)
  })
})

describe("in the domain", () => {
  it("finds all of them", { timeout: timeForAll }, () => {
    const script = new URL("bugs/findInSources.ts", import.meta.url).pathname
    const said = execFileSync(process.execPath, [script], { encoding: "utf8" })
    const all = said
      .trim()
      .split("\n")
      .map((line): { readonly name: string; readonly found: Found | null } => JSON.parse(line))
    assert.deepStrictEqual(
      all.map(({ name }) => name),
      sourceBugs.map(({ name }) => name)
    )
    for (const [place, { found }] of all.entries()) {
      assertFoundBy(found, sourceBugs[place]?.foundBy ?? [], sourceBugs[place]?.name ?? "")
    }
  })
})
