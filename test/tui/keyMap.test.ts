/** The key map, from which help, palette and foot are made. */
import { assert, describe, it } from "@effect/vitest"
import { helpLines } from "../../src/tui/keys/help.ts"
import { bindings } from "../../src/tui/keys/bindings.ts"
import { bindingsAt, completionsOf } from "../../src/tui/keys/KeyMap.ts"
import { type PlaceKind, viewNames } from "../../src/tui/state/Place.ts"
import { type Access } from "../../src/tui/state/State.ts"
import { begin, live } from "./samples.ts"

const places: ReadonlyArray<PlaceKind> = [...viewNames, "job"]
const supervisor: Access = { role: "supervisor", isReadOnly: false }
const client: Access = { role: "client", isReadOnly: false }

const namesAt = (place: PlaceKind, access: Access) => bindingsAt(place, access).map(({ name }) => name)

describe.each(places)("at %s", (place) => {
  it("no key means two things", () => {
    const keys = bindingsAt(place, supervisor).flatMap(({ keys }) => keys)
    assert.deepStrictEqual(keys, [...new Set(keys)])
  })

  it("a reader is offered nothing that changes anything", () => {
    const changing = bindingsAt(place, { ...supervisor, isReadOnly: true }).filter(({ changes }) => changes)
    assert.deepStrictEqual(changing, [])
  })

  it("the palette offers all but itself", () => {
    assert.deepStrictEqual(
      completionsOf("", place, supervisor).map(({ name }) => name),
      namesAt(place, supervisor).filter((name) => name !== "palette")
    )
  })
})

describe("the key map", () => {
  it("calls each command by a name of its own", () => {
    assert.strictEqual(new Set(bindings.map(({ name }) => name)).size, bindings.length)
  })

  it("hides from a client what is for supervisors", () => {
    for (const name of ["overview", "types", "workers", "events"] as const) {
      assert.notInclude(namesAt("jobs", client), name)
    }
    assert.includeMembers(namesAt("jobs", client), ["jobs", "projects", "retry", "cancel"])
    assert.notIncludeMembers(namesAt("workers", client), ["pause", "ban"])
  })

  it("makes a help that names everything there is at the place, and nothing else", () => {
    const text = helpLines(live(begin()))
      .map((line) => line.map((span) => span.text).join(""))
      .join("\n")
    for (const { title } of bindingsAt("overview", supervisor)) assert.include(text, title)
    assert.notInclude(text, "ban workers")
  })
})
