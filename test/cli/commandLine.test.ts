/** What is read out of the words of a command line. */
import { assert, describe, it } from "@effect/vitest"
import type { JsonValue } from "../../src/domain/Json.ts"
import { assigned, flatten } from "../../src/cli/policy/assignments.ts"
import { splitWords } from "../../src/cli/programs/commandLine.ts"
import { asJsonOrText, reportOf } from "../../src/cli/programs/performing.ts"
import { kindAt, kinds } from "../../src/cli/demo/kinds.ts"

describe("the fields of a policy", () => {
  it.each<[string, JsonValue]>([
    ["maxAttempts=3", { lease: "60s", backoff: { max: "1h" }, maxAttempts: 3 }],
    ["lease=5m", { lease: "5m", backoff: { max: "1h" } }],
    ["backoff.initial=1s", { lease: "60s", backoff: { max: "1h", initial: "1s" } }],
    ["backoff.max=", { lease: "60s", backoff: { max: "" } }],
    ["quarantine=null", { lease: "60s", backoff: { max: "1h" }, quarantine: null }],
    ["quarantine.failures=2", { lease: "60s", backoff: { max: "1h" }, quarantine: { failures: 2 } }],
    ["backoff={}", { lease: "60s", backoff: {} }]
  ])("with %s", (assignment, fields) => {
    assert.deepStrictEqual<unknown>(assigned({ lease: "60s", backoff: { max: "1h" } }, assignment), fields)
  })

  it.each(["lease", "=5m", "a.b.c=1", "a b=1", ""])("are not said by %j", (assignment) => {
    assert.isNull(assigned({}, assignment))
  })

  it("have paths", () => {
    assert.deepStrictEqual(flatten({ lease: "60s", backoff: { max: "1h", factor: 2 }, pickup: null }), [
      ["lease", "60s"],
      ["backoff.max", "1h"],
      ["backoff.factor", 2],
      ["pickup", null]
    ])
  })
})

describe("types and a program", () => {
  const split = (...words: ReadonlyArray<string>) =>
    splitWords(
      words.filter((word) => word !== "--"),
      ["work", "--once", ...words]
    )

  it("are told apart by dashes", () => {
    assert.deepStrictEqual(split("a", "b*", "--", "sh", "-c", "x"), {
      types: ["a", "b*"],
      command: "sh",
      args: ["-c", "x"]
    })
    assert.deepStrictEqual(split("a", "--", "ls"), { types: ["a"], command: "ls", args: [] })
  })

  it.each([[["a"]], [["a", "--"]], [["--", "ls"]]])("are both needed: %j", (words) => {
    assert.isNull(split(...words))
  })
})

describe("what a program reports", () => {
  it.each<[string, JsonValue]>([
    ['{"ok": true}\n', { ok: true }],
    ["42", 42],
    ["done\n", "done"],
    ['{"ok": }', '{"ok": }']
  ])("by %j", (text, value) => {
    assert.deepStrictEqual<unknown>(asJsonOrText(text), value)
  })

  it("by its end", () => {
    assert.deepStrictEqual<unknown>(
      reportOf("./run", { _tag: "Exited", status: 3 }, "warning\nno such file\n"),
      {
        message: "./run ended with status 3: no such file",
        status: 3,
        stderr: "warning\nno such file\n"
      }
    )
    assert.deepStrictEqual<unknown>(reportOf("./run", { _tag: "Killed", signal: "SIGKILL" }, ""), {
      message: "./run was killed by SIGKILL",
      signal: "SIGKILL",
      stderr: ""
    })
  })
})

describe("the kinds of the demonstration", () => {
  it("share all jobs among them", () => {
    const counted = Map.groupBy(
      Array.from({ length: 100 }, (_, place) => kindAt(place + 0.5)?.type),
      (type) => type
    )
    assert.deepStrictEqual(
      [...counted].map(([type, all]) => [type, all.length]),
      kinds.map(({ share, type }) => [type, share])
    )
  })
})
