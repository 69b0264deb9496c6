/** Keys as they come from a terminal, and the frames that answer them. */
import { afterEach, assert, describe, it } from "@effect/vitest"
import { cleanup, render } from "ink-testing-library"
import { createElement } from "react"
import { App } from "../../src/tui/components/App.tsx"
import type { Order } from "../../src/tui/keys/Step.ts"
import { paneIn, placeOf, type State } from "../../src/tui/state/State.ts"
import * as Store from "../../src/tui/state/Store.ts"
import { eventually, pass } from "../support/waiting.ts"
import { atJobs, begin, failedJob, jobOf, live, now, statsOf, typeOf } from "./samples.ts"

afterEach(cleanup)

const [up, down, right, pageDown, escape, enter, backspace] = [
  "\u001b[A",
  "\u001b[B",
  "\u001b[C",
  "\u001b[6~",
  "\u001b",
  "\r",
  "\u007f"
] as const

const open = (state: State) => {
  const orders: Array<Order> = []
  const store = Store.make(
    state,
    () => undefined,
    (order) => orders.push(order)
  )
  const screen = render(createElement(App, { store }))
  const press = async (...inputs: ReadonlyArray<string>) => {
    for (const input of inputs) {
      screen.stdin.write(input)
      // A lone Escape is held for 20 ms, should it be the beginning of another key.
      if (input === escape) await pass(25)
    }
  }
  return { store, orders, press, frame: () => screen.lastFrame() ?? "" }
}

const size = { columns: 100, rows: 24 }
const jobs = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? failedJob(n) : jobOf(n)))

/** The terminal of the library is ready for keys when the program listens to it. */
const ready = async (top: ReturnType<typeof open>) => {
  await eventually(async () => {
    await top.press("j")
    await pass(1)
    assert.isAbove(paneIn(placeOf(top.store.current())).position, 0)
  })
  await top.press("g")
}

describe("keys of a terminal", () => {
  it("move, sort, filter, go in and back, and each is answered by a frame at once", async () => {
    const top = open(atJobs(jobs, false, live(begin({}, size))))
    await ready(top)
    const position = () => paneIn(placeOf(top.store.shown())).position
    await top.press(down, down, up)
    assert.strictEqual(position(), 1)
    await top.press(pageDown)
    assert.strictEqual(position(), 18)
    await top.press("jj", "g")
    assert.strictEqual(position(), 0)
    await top.press(right)
    assert.include(top.frame(), "STATUS▲")
    await top.press("/", "pend", "ingg", backspace, enter)
    // What is typed quickly comes together, with its control characters.
    await top.press("/\u0015pendingg\u007f\r")
    assert.include(top.frame(), "/pending")
    assert.notInclude(top.frame(), "✗ failed ")
    await top.press(escape)
    assert.notInclude(top.frame(), "/pending")
    await top.press(enter)
    assert.strictEqual(placeOf(top.store.shown()).kind, "job")
    await top.press(escape)
    assert.strictEqual(placeOf(top.store.shown()).kind, "jobs")
  })

  it("ask before anything is changed, and give orders", async () => {
    const top = open(atJobs(jobs, false, live(begin({}, size))))
    await ready(top)
    await top.press(" ", " ", " ", "R")
    assert.include(top.frame(), "Retry 2 jobs, with fresh attempts?")
    assert.deepStrictEqual(top.orders, [])
    await top.press("y")
    assert.strictEqual(top.orders.length, 1)
    await top.press("\u0003")
    assert.deepStrictEqual(top.orders.at(-1), { kind: "quit" })
  })

  it("do not wait for the frame that shows what happened meanwhile", async () => {
    const top = open(atJobs(jobs, false, live(begin({}, size))))
    await ready(top)
    top.store.dispatch({ kind: "stats", stats: statsOf([typeOf("new.type")]), now })
    assert.notStrictEqual(top.store.shown(), top.store.current())
    await top.press("2")
    assert.strictEqual(top.store.shown(), top.store.current())
    assert.include(top.frame(), "new.type")
  })
})
