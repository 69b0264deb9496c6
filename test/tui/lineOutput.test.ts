/** What is built draws as Ink itself would. */
import { assert, describe, it } from "@effect/vitest"
import LineOutput from "../../src/tui/ink/LineOutput.ts"

const none = { transformers: [] }

describe("the rows of a frame", () => {
  it("have their texts where they belong, beside each other", () => {
    const output = new LineOutput({ width: 20, height: 3 })
    output.write(0, 0, "left", none)
    output.write(10, 0, "right", none)
    output.write(2, 2, "below", none)
    assert.deepStrictEqual(output.get(), { output: "left      right\n\n  below", height: 3 })
  })

  it("are as wide as they are shown, whatever their style", () => {
    const output = new LineOutput({ width: 20, height: 1 })
    output.write(0, 0, "\u001b[1m日本\u001b[22m", none)
    output.write(6, 0, "end", none)
    assert.strictEqual(output.get().output, "\u001b[1m日本\u001b[22m  end")
  })

  it("end with what is seen", () => {
    const output = new LineOutput({ width: 20, height: 2 })
    output.write(0, 0, "text   ", none)
    output.write(0, 1, "\u001b[7mtext   \u001b[27m", none)
    assert.strictEqual(output.get().output, "text\n\u001b[7mtext   \u001b[27m")
  })

  it("are changed line by line, the innermost change first", () => {
    const output = new LineOutput({ width: 20, height: 2 })
    output.write(0, 0, "one\ntwo", {
      transformers: [(line, place) => `${place}${line}`, (line) => `<${line}>`]
    })
    assert.strictEqual(output.get().output, "<0one>\n<1two>")
  })

  it("are no more than there is room for", () => {
    const output = new LineOutput({ width: 20, height: 2 })
    output.write(0, 1, "one\ntwo", none)
    assert.deepStrictEqual(output.get(), { output: "\none", height: 2 })
  })
})
