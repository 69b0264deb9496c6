/** The language of filters, and the columns of tables. */
import { assert, describe, it } from "@effect/vitest"
import { conditionsOf, parseFilter, termFor, wantedBy } from "../../src/tui/tables/filter.ts"
import { fitColumns, gap } from "../../src/tui/tables/fitColumns.ts"
import { lookOf } from "../../src/tui/look/Look.ts"
import { jobRows, jobsTable } from "../../src/tui/tables/jobs.ts"
import { type Row, type Table, textOf } from "../../src/tui/tables/Table.ts"
import { typesTable } from "../../src/tui/tables/types.ts"
import { workerRows, workersTable } from "../../src/tui/tables/workers.ts"
import { at, jobOf, now, workerOf } from "./samples.ts"

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

describe("lengths of time", () => {
  const unicode = lookOf(true, true)
  const hour = 3_600_000
  const almostHour = hour - 1_000
  const aDayAgo = now - 24 * hour + 60_000
  const tables: ReadonlyArray<readonly [string, Table, ReadonlyArray<Row>, ReadonlyArray<string>]> = [
    [
      "jobs",
      jobsTable,
      jobRows(
        [
          jobOf(1, { createdAt: at(aDayAgo), startedAt: at(aDayAgo), status: "processing" }),
          jobOf(2, { createdAt: at(now - almostHour), status: "scheduled", runAt: at(now + almostHour) })
        ],
        now,
        unicode
      ),
      ["age", "time"]
    ],
    [
      "workers",
      workersTable,
      workerRows([workerOf("render-7", { lastSeenAt: at(aDayAgo) })], now, unicode),
      ["seen"]
    ]
  ]

  it.each(tables)("of %s are never cut, for they would be read as others", (_, table, rows, names) => {
    for (let width = 38; width <= 200; width++) {
      for (const { column, width: given } of fitColumns(table.columns, rows, width)) {
        if (!names.includes(column.name)) continue
        for (const row of rows) assert.isAtLeast(given, textOf(row, column.name).length, column.name)
      }
    }
  })

  it("say nothing of a job that waits to be tried again", () => {
    const [row] = jobRows([jobOf(1, { startedAt: at(now - hour), attempts: 1 })], now, unicode)
    assert.strictEqual(row?.fields["time"]?.text, "-")
  })
})
