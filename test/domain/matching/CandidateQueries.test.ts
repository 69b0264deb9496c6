import { assert, describe, it } from "@effect/vitest"
import { acceptedJobs, anyJob } from "../../../src/domain/matching/Acceptance.ts"
import type { Skills } from "../../../src/domain/matching/Constraint.ts"
import { candidateQueriesOf } from "../../../src/domain/matching/CandidateQueries.ts"
import { aGroup } from "../support/records.ts"

const plain = { name: "plain", group: aGroup({ id: 1 }) }
const gpu = { name: "gpu", group: aGroup({ id: 2, constraints: [{ skill: "gpu", op: "exists" }] }) }
const urgent = acceptedJobs([{ tag: "urgent", op: "exists" }])

const aSeeker = (accepted = anyJob, skills: Skills = {}) => ({
  accepted,
  suitability: { types: [], skills, accepts: [] }
})

describe("the queries of a claim", () => {
  it("look for what somebody accepts only where somebody of those who accept it may have a job", () => {
    const queries = candidateQueriesOf(
      [plain, gpu],
      [aSeeker(), aSeeker(urgent), aSeeker(anyJob, { gpu: true })]
    )
    assert.deepStrictEqual(
      queries.map(({ accepted, source }) => [accepted === urgent, source.name]),
      [
        [false, "plain"],
        [false, "gpu"],
        [true, "plain"]
      ]
    )
  })
})
