import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { canonicalJson, deepestNesting, isNestedWithin } from "../../src/domain/Json.ts"

const arrays = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth))
const objects = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + "1" + "}".repeat(depth))

describe("isNestedWithin", () => {
  it.each([
    ["arrays", arrays],
    ["objects", objects]
  ])("allows as many levels of %s as it says, and no more", (_, nested) => {
    assert.strictEqual(deepestNesting, 64)
    assert.isTrue(isNestedWithin(nested(64), deepestNesting))
    assert.isFalse(isNestedWithin(nested(65), deepestNesting))
    assert.isFalse(isNestedWithin([1, { a: nested(63) }], deepestNesting))
    assert.isTrue(isNestedWithin([1, { a: nested(62) }], deepestNesting))
  })

  it("allows nothing but plain values at a limit of nothing", () => {
    for (const value of [null, 1, "[[", true]) assert.isTrue(isNestedWithin(value, 0))
    for (const value of [[], {}]) assert.isFalse(isNestedWithin(value, 0))
    for (const value of [[], {}, [1, "a", null]]) assert.isTrue(isNestedWithin(value, 1))
  })

  it("bears what would overflow a stack", () => {
    assert.isFalse(isNestedWithin(arrays(5_000), deepestNesting))
    assert.isTrue(isNestedWithin(arrays(5_000), 5_000))
    assert.isTrue(
      isNestedWithin(
        Array.from({ length: 200_000 }, () => []),
        2
      )
    )
  })

  it("looks into keys of any name", () => {
    assert.isFalse(isNestedWithin(JSON.parse('{"__proto__":{"":{}}}'), 2))
  })
})

describe("canonicalJson", () => {
  it.each([
    ['{"b":1,"a":{"d":2,"c":3}}', '{"a":{"c":3,"d":2},"b":1}'],
    ['[3,1,{"b":null,"a":[]}]', '[3,1,{"a":[],"b":null}]'],
    ['{"b":1,"":2,"__proto__":{"z":1,"y":2}}', '{"":2,"__proto__":{"y":2,"z":1},"b":1}'],
    ['{"10":1,"9":2}', '{"10":1,"9":2}'],
    ['"\\u0000\\ud800"', '"\\u0000\\ud800"'],
    ["-0", "0"],
    ["[1.0,1e2]", "[1,100]"],
    ["[[],{},null]", "[[],{},null]"]
  ])("writes %s as %s", (text, expected) => {
    assert.strictEqual(canonicalJson(JSON.parse(text)), expected)
  })

  const reversed = (value: Schema.Json): Schema.Json => {
    if (Array.isArray(value)) return value.map(reversed)
    return typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toReversed()
            .map(([key, item]) => [key, reversed(item)])
        )
      : value
  }
  it.prop(
    "is the same value, and the same text whatever the order of keys",
    { value: Schema.Json },
    ({ value }) => {
      const text = canonicalJson(value)
      assert.strictEqual(canonicalJson(reversed(value)), text)
      assert.strictEqual(canonicalJson(JSON.parse(text)), text)
      assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }
  )
})
