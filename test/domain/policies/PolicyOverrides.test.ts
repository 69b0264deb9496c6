import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { defaultPolicy, defaultQuarantine, type Policy } from "../../../src/domain/policies/Policy.ts"
import {
  applyOverrides,
  changedFields,
  inheritedPaths,
  type PolicyOverrides
} from "../../../src/domain/policies/PolicyOverrides.ts"

const withoutQuarantine: Policy = { ...defaultPolicy, quarantine: null }
const day = Duration.days(1)

describe("applyOverrides", () => {
  it.each<[string, Policy, PolicyOverrides, Partial<Policy>]>([
    ["nothing", defaultPolicy, {}, {}],
    ["a field", defaultPolicy, { maxAttempts: 1 }, { maxAttempts: 1 }],
    ["a null", { ...defaultPolicy, pickup: day }, { pickup: null }, { pickup: null }],
    [
      "a part of the backoff",
      defaultPolicy,
      { backoff: { jitter: 0 } },
      { backoff: { ...defaultPolicy.backoff, jitter: 0 } }
    ],
    [
      "a part of the retention",
      defaultPolicy,
      { retention: { done: null } },
      { retention: { ...defaultPolicy.retention, done: null } }
    ],
    [
      "a part of the quarantine",
      defaultPolicy,
      { quarantine: { failures: 2 } },
      { quarantine: { ...defaultQuarantine, failures: 2 } }
    ],
    ["no quarantine", defaultPolicy, { quarantine: null }, { quarantine: null }],
    [
      "a part of a quarantine that was off",
      withoutQuarantine,
      { quarantine: { for: day } },
      { quarantine: { ...defaultQuarantine, for: day } }
    ],
    [
      "a rate limit, whole",
      defaultPolicy,
      { rateLimit: { limit: 1, period: day } },
      { rateLimit: { limit: 1, period: day } }
    ]
  ])("changes %s and leaves the rest", (_, policy, own, changes) => {
    assert.deepStrictEqual(applyOverrides(policy, own), { ...policy, ...changes })
  })
})

describe("inheritedPaths", () => {
  it("names all that a policy does not say itself, and parts of what it says in part", () => {
    const own: PolicyOverrides = {
      lease: day,
      backoff: { kind: "fixed" },
      quarantine: null,
      retention: { failed: day }
    }
    const inherited = inheritedPaths(applyOverrides(defaultPolicy, own), own)
    for (const path of [
      "maxAttempts",
      "backoff.initial",
      "backoff.factor",
      "backoff.max",
      "backoff.jitter",
      "retention.done"
    ]) {
      assert.include(inherited, path)
    }
    for (const path of ["lease", "backoff", "backoff.kind", "quarantine", "retention", "retention.failed"]) {
      assert.notInclude(inherited, path)
    }
  })

  it("names every field of a policy that says nothing, and none of one that says all", () => {
    assert.sameMembers([...inheritedPaths(defaultPolicy, {})], Object.keys(defaultPolicy))
    assert.deepStrictEqual(inheritedPaths(defaultPolicy, defaultPolicy), [])
  })
})

describe("changedFields", () => {
  it("names what is said anew, no longer, or otherwise, and nothing else", () => {
    const before: PolicyOverrides = { lease: day, maxRun: day, backoff: { kind: "fixed" }, pickup: null }
    const after: PolicyOverrides = {
      lease: Duration.days(1),
      backoff: { kind: "linear" },
      pickup: null,
      paused: true
    }
    assert.sameMembers([...changedFields(before, after)], ["maxRun", "backoff", "paused"])
    assert.deepStrictEqual(changedFields(before, before), [])
  })
})
