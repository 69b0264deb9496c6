/** That the simulation can fail: it finds every bug that is planted, by the checker that is there for it. */
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { bugs } from "./bugs/all.ts"
import { findFrom } from "./bugs/find.ts"
import { sourceBugs } from "./bugs/sourceBugs.ts"
import { checkers } from "./checkers/all.ts"
import { draw } from "./Options.ts"
import { simulate } from "./Simulation.ts"

it("plants a bug for each checker, which no other finds first", () => {
  const foundAlone = [...bugs, ...sourceBugs].flatMap(({ foundBy }) => (foundBy.length === 1 ? foundBy : []))
  assert.deepStrictEqual([...new Set(foundAlone)].toSorted(), checkers.map(({ name }) => name).toSorted())
})

describe("in the store", () => {
  it.each(bugs)("finds $name: $why", ({ firstSeed, foundBy, wrapping }) => {
    const found = findFrom(firstSeed, (seed) => simulate(draw(seed), { wrapping }))
    assert.include(foundBy, found?.checker, found?.text)
  })
})

describe("in the domain", () => {
  it("finds all of them", () => {
    const script = new URL("bugs/findInSources.ts", import.meta.url).pathname
    const said = execFileSync(process.execPath, [script], { encoding: "utf8" })
    const found = said
      .trim()
      .split("\n")
      .map((line): { readonly name: string; readonly checker?: string } => JSON.parse(line))
    assert.deepStrictEqual(
      found.map(({ name }) => name),
      sourceBugs.map(({ name }) => name)
    )
    for (const { checker, name } of found) {
      assert.include(sourceBugs.find((bug) => bug.name === name)?.foundBy ?? [], checker, name)
    }
  })
})
