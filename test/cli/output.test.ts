/** How tables, times and lengths of time look. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { describeMoment } from "../../src/cli/output/spans.ts"
import { type Column, layOut, layOutFields } from "../../src/cli/output/table.ts"
import { columnsOf } from "../../src/text/columns.ts"

interface Row {
  readonly name: string
  readonly count: number
  readonly note: string
}

const columns: ReadonlyArray<Column<Row>> = [
  { title: "NAME", cell: ({ name }) => name },
  { title: "COUNT", cell: ({ count }) => String(count), isNumber: true },
  { title: "NOTE", cell: ({ note }) => ({ text: note, tone: "bad" }), mayShrink: true }
]

const rows: ReadonlyArray<Row> = [
  { name: "one", count: 5, note: "a rather long note that needs room" },
  { name: "seventeen", count: 1_234, note: "" }
]

const plain = (width: number | null) => ({ width, paint: (text: string) => text })

describe("a table", () => {
  it("has a column below each title", () => {
    assert.deepStrictEqual(layOut(columns, rows, plain(null)), [
      "NAME       COUNT  NOTE",
      "one            5  a rather long note that needs room",
      "seventeen   1234"
    ])
  })

  it("fits the terminal", () => {
    assert.deepStrictEqual(layOut(columns, rows, plain(30)), [
      "NAME       COUNT  NOTE",
      "one            5  a rather lo…",
      "seventeen   1234"
    ])
    for (let width = 1; width < 60; width++) {
      for (const line of layOut(columns, rows, plain(width))) assert.isAtMost(columnsOf(line), width, line)
    }
  })

  it("says by words what it says by colours, and paints what is seen alone", () => {
    const painted = layOut(columns, rows, { width: 30, paint: (text, tone) => `<${tone} ${text}>` })
    assert.strictEqual(painted[1], "one            5  <bad a rather lo…>")
  })

  it("has lines, whatever is in its cells", () => {
    const [, line] = layOut(columns, [{ name: "a\nb\u001b[2J", count: 1, note: "x\ty\r\n" }], plain(null))
    assert.strictEqual(line, "a b       1  x  y")
  })

  it("shows what is known of one thing", () => {
    assert.deepStrictEqual(
      layOutFields(
        [
          ["id", "7"],
          ["parameters", '{"a": 1}']
        ],
        plain(20)
      ),
      ["id          7", 'parameters  {"a": 1}']
    )
  })
})

describe("a point in time", () => {
  const now = DateTime.makeUnsafe("2030-01-31T12:00:00Z")
  it.each<[string, string]>([
    ["2030-01-31T12:00:00.500Z", "now"],
    ["2030-01-31T11:59:57Z", "3s ago"],
    ["2030-01-31T14:05:09Z", "in 2h 5m"],
    ["2029-01-31T12:00:00Z", "365d ago"]
  ])("%s is %s", (time, text) => {
    assert.strictEqual(describeMoment(DateTime.toUtc(DateTime.makeUnsafe(time)), DateTime.toUtc(now)), text)
  })

  it("may be none", () => {
    assert.strictEqual(describeMoment(null, DateTime.toUtc(now)), "-")
  })
})
