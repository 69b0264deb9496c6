/** The language of filters, and the columns of tables. */
import { assert, describe, it } from "@effect/vitest"
import { conditionsOf, parseFilter, termFor, wantedBy } from "../../src/tui/tables/filter.ts"
import { fitColumns, gap } from "../../src/tui/tables/fitColumns.ts"
import { jobsTable } from "../../src/tui/tables/jobs.ts"
import type { Row } from "../../src/tui/tables/Table.ts"
import { typesTable } from "../../src/tui/tables/types.ts"
import { workersTable } from "../../src/tui/tables/workers.ts"

const row = (fields: Record<string, string>): Row => ({
  key: JSON.stringify(fields),
  subject: null,
  fields: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, { text }]))
})

const thumbnail = row({
  type: "thumbnail",
  assignee: "render-7",
  about: "Resizing (1/2)",
  tag: "nightly demo"
})
const video = row({ type: "video.transcode", assignee: "-", about: "", tag: "" })

describe("a filter", () => {
  it.each<[string, boolean, boolean]>([
    ["", true, true],
    ["  ", true, true],
    ["render", true, false],
    ["RESIZING", true, false],
    ["!render", false, true],
    ["type=thumbnail", true, false],
    ["type=THUMBNAIL", true, false],
    ["type=thumb", false, false],
    ["type=thumb*", true, false],
    ["type=*a*", true, true],
    ["type=video.*", false, true],
    ["type=videoxtranscode", false, false],
    ["!type=thumbnail", false, true],
    ["type=* !assignee=render-7", false, true],
    ["resizing type=video.transcode", false, false],
    ['about="Resizing (1/2)"', true, false],
    ["tag=*demo*", true, false],
    ["unknown=x", false, false],
    ["!unknown=x", true, true],
    ["type=", false, false],
    ["!", true, true]
  ])("%j", (text, wantsThumbnail, wantsVideo) => {
    const isWanted = wantedBy(text)
    // A key without a value is a word that is still being typed.
    assert.deepStrictEqual([isWanted(thumbnail), isWanted(video)], [wantsThumbnail, wantsVideo], text)
  })

  it("is asked of the server as far as the server can tell", () => {
    assert.deepStrictEqual(conditionsOf("type=a status=failed worker=w1 tag=x some !type=b"), {
      type: "a",
      status: "failed",
      assignee: "w1",
      tag: "x"
    })
    assert.deepStrictEqual(conditionsOf("type=a* status=lost project=nonsense colour=red"), {})
  })

  it("is made for a value so that it means that value", () => {
    assert.strictEqual(termFor("type", "a/b:c@d"), "type=a/b:c@d")
    assert.deepStrictEqual(parseFilter(termFor("tag", "two words")), [
      { isInverted: false, key: "tag", value: "two words" }
    ])
  })
})

describe.each([
  ["types", typesTable],
  ["jobs", jobsTable],
  ["workers", workersTable]
])("the columns of %s", (_, { columns }) => {
  it("fit at every width, the most important of them first", () => {
    let before = 0
    for (let width = 38; width <= 200; width++) {
      const fitted = fitColumns(columns, [], width)
      const total = fitted.reduce((sum, each) => sum + each.width + gap, -gap)
      assert.isAtMost(total, width)
      assert.isAtLeast(fitted.length, before)
      before = fitted.length
      const worths = fitted.map(({ column }) => column.worth)
      const leftOut = columns.filter((column) => !fitted.some((each) => each.column === column))
      for (const { worth } of leftOut) assert.isBelow(worth, Math.min(...worths))
    }
    assert.strictEqual(before, columns.length)
  })

  it("have room for their titles", () => {
    for (const { column, width } of fitColumns(columns, [], 80)) assert.isAtLeast(width, column.title.length)
  })
})
