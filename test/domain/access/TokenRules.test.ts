import { assert, describe, it } from "@effect/vitest"
import { DateTime, Result } from "effect"
import type { Role, StoredToken } from "../../../src/domain/access/Token.ts"
import {
  checkCreation,
  checkRevocation,
  isInForce,
  mostTokens
} from "../../../src/domain/access/TokenRules.ts"

/** Tokens as in `ann:supervisor bob:client`. */
const tokensOf = (text: string): ReadonlyArray<StoredToken> =>
  text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const [name = "", role] = word.split(":")
      return {
        name,
        role: role === "supervisor" || role === "worker" ? role : "client",
        hash: new Uint8Array(32),
        createdAt: DateTime.makeUnsafe(0)
      }
    })

const objection = <E extends { readonly _tag: string }>(checked: Result.Result<void, E>): string =>
  Result.match(checked, { onFailure: ({ _tag }) => _tag, onSuccess: () => "none" })

describe("a new token", () => {
  it.each<[string, Role, string]>([
    ["", "supervisor", "none"],
    ["", "client", "SupervisorNeeded"],
    ["", "worker", "SupervisorNeeded"],
    ["ann:supervisor", "client", "none"],
    ["ann:supervisor", "supervisor", "none"],
    ["new:supervisor", "supervisor", "TokenExists"],
    ["ann:supervisor new:client", "worker", "TokenExists"]
  ])("beside [%s] as a %s: objection %s", (tokens, role, expected) => {
    assert.strictEqual(objection(checkCreation(tokensOf(tokens), { name: "new", role })), expected)
  })

  it("is one too many after the 1,000th", () => {
    const many = (count: number) =>
      tokensOf(Array.from({ length: count }, (_, index) => `t${index}:supervisor`).join(" "))
    const wish = { name: "new", role: "client" } as const
    assert.strictEqual(objection(checkCreation(many(mostTokens - 1), wish)), "none")
    assert.strictEqual(objection(checkCreation(many(mostTokens), wish)), "TooManyTokens")
  })
})

describe("a token to be revoked", () => {
  it.each<[string, string, boolean, string]>([
    ["", "ann", true, "TokenNotFound"],
    ["ann:supervisor", "bob", true, "TokenNotFound"],
    ["ann:supervisor", "ann", true, "none"],
    ["ann:supervisor", "ann", false, "SupervisorNeeded"],
    ["ann:supervisor bob:client", "ann", true, "SupervisorNeeded"],
    ["ann:supervisor bob:client", "bob", false, "none"],
    ["ann:supervisor bob:supervisor", "ann", false, "none"],
    ["ann:supervisor bob:supervisor cy:worker", "ann", true, "none"]
  ])("of [%s] %s, open %s: objection %s", (tokens, name, mayBeOpen, expected) => {
    assert.strictEqual(objection(checkRevocation(tokensOf(tokens), name, mayBeOpen)), expected)
  })
})

describe("whoever was recognised", () => {
  it.each<[string, string, boolean]>([
    ["without a token, while there was none", "", true],
    ["without a token", "ann:supervisor", false]
  ])("%s, is so among [%s]: %s", (_, tokens, expected) => {
    assert.strictEqual(isInForce(tokensOf(tokens), null), expected)
  })

  it("by a token is so until it is revoked or replaced", () => {
    const [ann, bob] = tokensOf("ann:supervisor bob:client")
    if (ann === undefined || bob === undefined) return assert.fail("no tokens")
    assert.isTrue(isInForce([ann, bob], bob))
    assert.isFalse(isInForce([ann], bob))
    assert.isFalse(isInForce([], bob))
    assert.isFalse(isInForce([ann, { ...bob, hash: new Uint8Array(32).fill(1) }], bob))
  })
})
