import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option, Redacted } from "effect"
import { anyone, type Caller, mayDecideOn, ownerOf, tokenNameOf } from "../../../src/domain/access/Caller.ts"
import { findToken, parseAuthorization } from "../../../src/domain/access/Credentials.ts"
import {
  admits,
  isSecret,
  isSecretOf,
  type Role,
  type StoredToken,
  toSecret
} from "../../../src/domain/access/Token.ts"

const hashOf = (byte: number) => new Uint8Array(32).fill(byte)
const token = (name: string, byte: number, role: Role = "client"): StoredToken => ({
  name,
  role,
  hash: hashOf(byte),
  createdAt: DateTime.makeUnsafe(0)
})

describe("a secret", () => {
  it("is made of 32 bytes, can be told by its form, and is not shown by accident", () => {
    const secret = toSecret(new Uint8Array(32).fill(255))
    assert.strictEqual(Redacted.value(secret), `lzb_${"_".repeat(42)}8`)
    assert.isTrue(isSecret(Redacted.value(secret)))
    assert.notInclude(`${String(secret)} ${JSON.stringify({ secret })}`, "lzb_")
    for (const text of ["", "lzb_", "ann", `lzb_${"a".repeat(42)}`, `xlzb_${"a".repeat(43)}`]) {
      assert.isFalse(isSecret(text), text)
    }
  })

  it("is the token's only if every byte of its hash is", () => {
    const known = token("ann", 7)
    assert.isTrue(isSecretOf(known, hashOf(7)))
    for (let place = 0; place < 32; place++) {
      for (const bit of [1, 128]) {
        const other = hashOf(7)
        other[place] = 7 ^ bit
        assert.isFalse(isSecretOf(known, other))
      }
    }
    assert.isFalse(isSecretOf(known, hashOf(7).slice(1)))
    assert.isFalse(isSecretOf(known, new Uint8Array(0)))
  })

  it("is compared to the last byte, wherever the first difference is", () => {
    const read: Array<string> = []
    const watched = new Proxy(hashOf(7), {
      get: (hash, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) read.push(key)
        return Reflect.get(hash, key, hash)
      }
    })
    for (const known of [token("ann", 7), token("ann", 8), undefined]) {
      read.length = 0
      isSecretOf(known, watched)
      assert.strictEqual(read.length, 32)
    }
  })

  it("is nobody's if there is no token, whatever its hash", () => {
    assert.isFalse(isSecretOf(undefined, hashOf(0)))
  })
})

describe("credentials", () => {
  const tokens = [token("ann", 1), token("bob", 2)]
  const find = (header: string, byte: number) =>
    Option.match(parseAuthorization(header), {
      onNone: () => "not understood",
      onSome: (credentials) => findToken(tokens, credentials, hashOf(byte))?.name
    })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

  it.each([
    ["Bearer s", 2, "bob"],
    ["bearer s", 1, "ann"],
    ["Bearer s", 3, undefined],
    [basic("bob:s"), 2, "bob"],
    [basic("bob/1:s"), 2, "bob"],
    [basic("bob/1/2:s"), 2, "bob"],
    [basic("bob:s"), 1, undefined],
    [basic("bo:s"), 2, undefined],
    [basic("bobby:s"), 2, undefined],
    [basic(":s"), 2, undefined],
    [basic("/bob:s"), 2, undefined],
    ["Plain id=ann&token=s", 1, "ann"],
    ["Plain id=ann%2F7&token=s", 1, "ann"],
    ["Plain id=ann/7&token=s", 1, "ann"],
    ["Plain id=ann", 2, undefined],
    ["Plain token=s", 1, "not understood"],
    ["Digest ann", 1, "not understood"],
    ["Bearer", 1, "not understood"]
  ])("%s with the hash of %i are those of %s", (header, byte, name) => {
    assert.strictEqual(find(header, byte), name)
  })
})

describe("a caller", () => {
  const caller = (name: string | undefined, role: Role): Caller => ({
    name: Option.fromUndefinedOr(name),
    role,
    token: null
  })

  it.each([
    ["client", "client", true],
    ["client", "worker", false],
    ["client", "supervisor", false],
    ["worker", "client", false],
    ["worker", "worker", true],
    ["worker", "supervisor", false],
    ["supervisor", "client", true],
    ["supervisor", "worker", true],
    ["supervisor", "supervisor", true]
  ] as const)("who is a %s may do what needs a %s: %s", (role, needed, may) => {
    assert.strictEqual(admits(role, needed), may)
  })

  it.each([
    [caller("ann", "client"), "ann", true],
    [caller("ann/7", "client"), "ann", true],
    [caller("ann", "client"), "ann/7", false],
    [caller("ann", "client"), "bob", false],
    [caller("ann", "client"), null, false],
    [caller(undefined, "client"), null, false],
    [caller("bob", "supervisor"), "ann", true],
    [caller("bob", "supervisor"), null, true],
    [anyone(Option.none()), "ann", true]
  ] as const)("%j on a job of %s: %s", (who, createdBy, may) => {
    assert.strictEqual(mayDecideOn(who, { createdBy }), may)
  })

  it("owns what it creates by the name of its token", () => {
    assert.strictEqual(ownerOf(caller("ann/7/8", "client")), "ann")
    assert.isNull(ownerOf(anyone(Option.none())))
    assert.strictEqual(tokenNameOf("ann"), "ann")
  })
})
