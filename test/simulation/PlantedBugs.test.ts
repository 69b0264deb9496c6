/** That the simulation can fail: it finds every bug that is planted, by the checker that is there for it. */
import { assert, it } from "@effect/vitest"
import { bugs, type Bug } from "./bugs.ts"
import { draw } from "./Options.ts"
import { simulate } from "./Simulation.ts"

/** Within so many runs each must be found. */
const mostRuns = 2_000

const find = ({ firstSeed, wrapping }: Bug) => {
  for (let run = 0; run < mostRuns; run++) {
    const { violation } = simulate(draw(String(firstSeed + run)), { wrapping })
    if (violation !== null) return violation
  }
  return null
}

it.each(bugs)("finds $name: $why", (bug) => {
  const violation = find(bug)
  assert.include(bug.foundBy, violation?.checker, violation?.text)
})
