import { assert, describe, it } from "@effect/vitest"
import { errorInLine } from "../../src/domain/errorInLine.ts"

describe("errorInLine", () => {
  it.each([
    ["what is short, as it is", "broken", "broken"],
    ["the message of an error", { message: "broken", stack: "at x" }, "broken"],
    ["lines of all kinds as one", "one\r\n\ttwo\u2028three\n", "one two three"],
    ["nothing that moves a cursor", "red \u001b[31m and \u0000\u0007\u009b2J", "red [31m and 2J"],
    ["JSON", { code: 5, why: "a\nb" }, '{"code":5,"why":"a\\nb"}'],
    ["the beginning of what is long", "x".repeat(201), `${"x".repeat(199)}…`],
    ["no half of a character", `${"x".repeat(198)}😀😀`, `${"x".repeat(198)}\uFFFD…`],
    ["what just fits", "x".repeat(200), "x".repeat(200)],
    ["nothing of an empty message", { message: "" }, null],
    ["nothing of a blank one", " \n\u0000", null],
    ["nothing where there is none", null, null]
  ])("says %s", (_, error, line) => assert.strictEqual(errorInLine(error), line))
})
