/** What is said of calls that did not succeed. */
import { assert, it } from "@effect/vitest"
import { JobNotFound, Unauthenticated } from "../../src/domain/Errors.ts"
import { describeProblem } from "../../src/tui/feed/problems.ts"

it("says in a line what went wrong, and of a missing token what can be done here", () => {
  assert.strictEqual(describeProblem(new JobNotFound({ detail: "no such job\nat all" })), "no such job")
  assert.include(describeProblem(new Unauthenticated({ detail: "send Authorization" })), "--token")
})
