/** What is read out of a program's output, in whatever pieces it comes. */
import { assert, describe, it } from "@effect/vitest"
import { type LineReader, longestLine, make, type Said } from "../../src/cli/programs/LineProtocol.ts"

const text = (text: string): Said => ({ _tag: "Text", text })
const percent = (percent: number): Said => ({ _tag: "Percent", percent })
const message = (text: string): Said => ({ _tag: "Message", text })

const readAll = (reader: LineReader, pieces: ReadonlyArray<string>): ReadonlyArray<Said> => [
  ...pieces.flatMap((piece) => reader.read(piece)),
  ...reader.end()
]

const lastOf = (...pieces: ReadonlyArray<string>) => {
  const reader = make()
  readAll(reader, pieces)
  return reader.lastLine()
}

describe("the lines of a program", () => {
  it.each<[string, ReadonlyArray<Said>]>([
    ["::percent 33\n", [percent(33)]],
    ["::percent 33.5%\r\n", [percent(33.5)]],
    ["::percent 100", [percent(100)]],
    ["::message half the way \n", [message("half the way")]],
    ["::message\n", [message("")]],
    ['::checkpoint {"page": 7}\n', [{ _tag: "Checkpoint", value: { page: 7 } }]],
    ["a\nb\n", [text("a\nb\n")]],
    ["a\n::percent 1\nb\nc", [text("a\n"), percent(1), text("b\nc")]],
    // What is not understood is what the program wrote.
    ["::percent 101\n", [text("::percent 101\n")]],
    ["::percent -1\n", [text("::percent -1\n")]],
    ["::percent\n", [text("::percent\n")]],
    ["::checkpoint {page: 7}\n", [text("::checkpoint {page: 7}\n")]],
    ["::other 1\n", [text("::other 1\n")]],
    ["::percentage 1\n", [text("::percentage 1\n")]],
    [" ::percent 1\n", [text(" ::percent 1\n")]],
    [":\n", [text(":\n")]],
    ["::", [text("::")]],
    ["", []]
  ])("%j", (output, said) => {
    assert.deepStrictEqual(readAll(make(), [output]), said)
  })

  it("means the same in pieces of any size", () => {
    const output = "one\n::percent 5\n:: two\n::message x\n\nthree ::percent 6\n::checkpoint [1]\n::percent 7"
    const joined = (all: ReadonlyArray<Said>) => ({
      log: all.flatMap((said) => (said._tag === "Text" ? [said.text] : [])).join(""),
      progress: all.filter(({ _tag }) => _tag !== "Text")
    })
    const whole = joined(readAll(make(), [output]))
    assert.strictEqual(whole.log, "one\n:: two\n\nthree ::percent 6\n")
    assert.lengthOf(whole.progress, 4)
    for (let size = 1; size < output.length; size++) {
      const pieces = output.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []
      assert.deepStrictEqual(joined(readAll(make(), pieces)), whole, `pieces of ${size}`)
    }
  })

  it("holds back only what may be progress", () => {
    const reader = make()
    assert.deepStrictEqual(reader.read("How are you? "), [text("How are you? ")])
    assert.deepStrictEqual(reader.read("::percent 1\n:"), [text("::percent 1\n")])
    assert.deepStrictEqual(reader.read(":perc"), [])
    assert.deepStrictEqual(reader.read("ent 2\n::x"), [percent(2)])
    assert.deepStrictEqual(reader.end(), [text("::x")])
  })

  it("is not led on by a line that never ends", () => {
    const reader = make()
    const piece = "x".repeat(100_000)
    let held = "::message "
    assert.deepStrictEqual(reader.read(held), [])
    while (held.length + piece.length <= longestLine) {
      assert.deepStrictEqual(reader.read(piece), [])
      held += piece
    }
    assert.deepStrictEqual(reader.read(piece), [text(held + piece)])
    assert.deepStrictEqual(reader.read(piece), [text(piece)])
    assert.deepStrictEqual(reader.read("\n::percent 1\n"), [text("\n"), percent(1)])
  })

  it("does not take a checkpoint that a server would not", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
    const [taken] = make().read(`::checkpoint ${nested(64)}\n`)
    const [refused] = make().read(`::checkpoint ${nested(65)}\n`)
    assert.deepStrictEqual([taken?._tag, refused?._tag], ["Checkpoint", "Text"])
  })
})

describe("the last line", () => {
  it.each<[string, string | null]>([
    ["one\ntwo\n", "two"],
    ["one\ntwo", "two"],
    ["one\n\n  \n", "one"],
    ["one\r\n", "one"],
    ["one\n::percent 3\n", "one"],
    ["::percent 3\n", null],
    ["", null],
    ["\n", null]
  ])("of %j is %j", (output, text) => {
    assert.deepStrictEqual(lastOf(output), { text, isTooLong: false })
    assert.deepStrictEqual(lastOf(...output), { text, isTooLong: false })
  })

  it("is not kept if it is too long", () => {
    const long = "x".repeat(longestLine + 1)
    assert.deepStrictEqual(lastOf(long), { text: null, isTooLong: true })
    assert.deepStrictEqual(lastOf(long, "\n", "short\n"), { text: "short", isTooLong: false })
    assert.deepStrictEqual(lastOf("short\n", long.slice(0, -1)).isTooLong, false)
  })
})
