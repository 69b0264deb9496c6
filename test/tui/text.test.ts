/** Text as a terminal shows it, and what is made of figures. */
import { assert, describe, it } from "@effect/vitest"
import { renderToString, Text } from "ink"
import { createElement } from "react"
import { formatBar, formatSparkline } from "../../src/tui/look/format.ts"
import { formatAge, formatLength } from "../../src/text/spans.ts"
import { lookOf, lookOfEnvironment } from "../../src/tui/look/Look.ts"
import { cut, fit, printable, wrap } from "../../src/tui/look/text.ts"
import { columnsOf } from "../../src/text/columns.ts"

const unicode = lookOf(true, true)
const ascii = lookOf(false, true)

describe("the width of a text", () => {
  it.each<[string, number]>([
    ["", 0],
    ["plain", 5],
    ["日本語", 6],
    ["ｆｕｌｌ", 8],
    ["한국어", 6],
    ["naïve", 5],
    ["nai\u0308ve", 5],
    ["🎬 🚀", 5],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["▲●◌⊘✓✗▶█░─›·…", 13]
  ])("of %j is %d", (text, columns) => {
    assert.strictEqual(columnsOf(text), columns)
    // What draws it must be of the same opinion: it cuts nothing off that fits.
    if (text !== "") {
      const drawn = renderToString(createElement(Text, { wrap: "truncate-end" }, text), { columns })
      assert.strictEqual(drawn, text)
    }
  })
})

describe("cutting and filling", () => {
  it("makes texts of exactly the width, whatever is in them", () => {
    for (const text of [
      "",
      "short",
      "a longer text than fits",
      "日本語日本語日本語",
      "x日本語日本語",
      "🚀🚀🚀🚀🚀🚀🚀"
    ]) {
      for (let columns = 1; columns < 20; columns++) {
        for (const align of ["left", "right"] as const) {
          assert.strictEqual(
            columnsOf(fit(text, columns, unicode, { align })),
            columns,
            `${text} in ${columns}`
          )
        }
        assert.isAtMost(columnsOf(cut(text, columns, unicode)), columns)
      }
    }
  })

  it("says that it was cut, and keeps the end where that tells more", () => {
    assert.strictEqual(cut("thumbnail", 6, unicode), "thumb…")
    assert.strictEqual(cut("thumbnail", 6, unicode, "end"), "…bnail")
    assert.strictEqual(cut("thumbnail", 6, ascii), "thumb~")
  })

  it("breaks between words, and long words anywhere", () => {
    assert.deepStrictEqual(wrap("one two three", 8), ["one two", "three"])
    assert.deepStrictEqual(wrap("0123456789 x", 4), ["0123", "4567", "89 x"])
    assert.deepStrictEqual(wrap("", 4), [""])
    for (const line of wrap("日本語日本語 と 🚀🚀🚀", 5)) assert.isAtMost(columnsOf(line), 5)
  })
})

describe("what others have written", () => {
  it("cannot command the terminal", () => {
    const hostile = "a\u001b[2Jb\u001b]52;c;AAAA\u0007c\rd\ne\u009b31mf\u202eg\u0000h"
    for (const look of [unicode, ascii]) {
      const shown = printable(hostile, look)
      assert.match(shown, /^[\x20-\x7e]+$/)
      assert.include(shown, "ab")
    }
  })

  it("is shown in the characters that the terminal has", () => {
    assert.strictEqual(printable("Grüße 日本", unicode), "Grüße 日本")
    assert.strictEqual(printable("Grüße 日本", ascii), "Gru?e ??")
  })
})

describe("what the terminal can show", () => {
  it.each<[string, Record<string, string>, boolean, boolean]>([
    ["a usual one", { TERM: "xterm-256color", LANG: "en_US.UTF-8" }, true, true],
    ["without colours", { TERM: "xterm", LANG: "C.utf8", NO_COLOR: "1" }, true, false],
    ["with an empty wish for none", { TERM: "xterm", LANG: "C.utf8", NO_COLOR: "" }, true, true],
    ["of another century", { TERM: "vt100", LANG: "C" }, false, true],
    ["without a locale", { TERM: "xterm" }, false, true],
    ["whose locale is overruled", { TERM: "xterm", LANG: "en_US.UTF-8", LC_ALL: "C" }, false, true],
    ["a dumb one", { TERM: "dumb", LANG: "en_US.UTF-8" }, false, false]
  ])("is known of %s", (_, env, isUnicode, hasColors) => {
    const look = lookOfEnvironment(env, "linux")
    assert.deepStrictEqual([look.isUnicode, look.hasColors], [isUnicode, hasColors])
  })
})

describe("figures", () => {
  it.each<[number, string]>([
    [0, "0ms"],
    [850, "850ms"],
    [1_500, "1.5s"],
    [2_000, "2s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [200_000, "3m 20s"],
    [7_500_000, "2h 5m"],
    [180_000_000, "2d 2h"],
    [345_600_000_000, "4000d"]
  ])("%d ms are %s", (millis, text) => {
    assert.strictEqual(formatLength(millis), text)
  })

  it("say that something that is yet to come is now", () => {
    assert.strictEqual(formatAge(2_000, 1_000), "0s")
  })

  it("fill a bar, and no more than that", () => {
    assert.strictEqual(formatBar(50, 4, unicode), "██░░")
    assert.strictEqual(formatBar(150, 4, ascii), "####")
    assert.strictEqual(formatBar(-1, 4, ascii), "....")
  })

  it("show a course with its newest at the right, the highest of those that share a place", () => {
    assert.strictEqual(formatSparkline([0, 4, 8], 5, unicode), "   ▄█")
    assert.strictEqual(formatSparkline([0, 8, 1, 1], 2, unicode), "█▁")
    assert.strictEqual(formatSparkline([0, 0], 2, unicode), "  ")
    assert.strictEqual(formatSparkline([], 3, unicode), "   ")
  })
})
