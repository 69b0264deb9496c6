/** What the dashboard asks of a server, and what it does there. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, ManagedRuntime } from "effect"
import { FetchHttpClient } from "effect/http"
import { LazybossClient, plainClient } from "../../src/client/LazybossClient.ts"
import { carryOut, countFitting } from "../../src/tui/feed/carryOut.ts"
import { feed } from "../../src/tui/feed/Feed.ts"
import * as Pages from "../../src/tui/feed/pages.ts"
import { questionOf } from "../../src/tui/keys/wordings.ts"
import { isStale, shownData, type State } from "../../src/tui/state/State.ts"
import * as Store from "../../src/tui/state/Store.ts"
import { asRecord, call, expectStatus, jsonOf } from "../support/http.ts"
import { claim, create, createMany, finish, get, list, newName } from "../support/jobs.ts"
import { createProject } from "../support/projects.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, type Server, start, type TestServer } from "../support/TestServer.ts"
import { eventually } from "../support/waiting.ts"
import { begin } from "./samples.ts"

let server: TestServer
beforeAll(async () => {
  server = await start(theStore, quickPolicy)
})
afterAll(() => server.stop())

/** A dashboard without a terminal. */
const openTop = async (on: Server) => {
  const runtime = ManagedRuntime.make(
    Layer.merge(LazybossClient.layer({ url: on.url }), FetchHttpClient.layer)
  )
  const { fibers, store } = await runtime.runPromise(
    Effect.gen(function* () {
      const http = yield* plainClient({ url: on.url })
      const pages = yield* Pages.make(http, true)
      const store: Store.Store = Store.make(
        { ...begin(), now: yield* Clock.currentTimeMillis },
        pages.onChange,
        (order) => {
          if (order.kind === "change") void runtime.runPromise(carryOut(store, order.change))
          if (order.kind === "count") {
            void runtime.runPromise(countFitting(store, order.verb, order.filter))
          }
        }
      )
      pages.onChange(store.current(), null)
      return {
        store,
        fibers: [
          yield* Effect.forkDetach(feed(http, store)),
          yield* Effect.forkDetach(pages.read(store)),
          yield* Effect.forkDetach(store.showFrames)
        ]
      }
    })
  )
  const until = (check: (state: State) => void) => eventually(() => check(store.current()))
  const close = async () => {
    for (const fiber of fibers) await runtime.runPromise(Fiber.interrupt(fiber))
    await runtime.dispose()
  }
  const press = (...keys: ReadonlyArray<string>) => keys.forEach(store.press)
  return { store, until, close, press }
}

const openStreams = async (): Promise<Record<string, unknown>> =>
  asRecord(asRecord(jsonOf(expectStatus(await call(server, "GET", "/stats"), 200)))["streams"])

describe("a dashboard", () => {
  it("hears how things stand and what happens, and reads what it shows again when it has changed", async () => {
    const type = newName("type")
    const top = await openTop(server)
    await top.until((state) => {
      assert.isFalse(isStale(state))
      // The second snapshot comes with the events.
      assert.isNotEmpty(shownData(state).samples)
    })
    top.press("3")
    const { id } = await create(server, { type })
    await top.until((state) => {
      const { events, page } = shownData(state)
      assert.isTrue(events.some(({ told: { event } }) => event?.event === "job.created" && event.job === id))
      assert.isTrue(
        page?.kind === "jobs" && page.items.some((job) => job.id === id && job.status === "pending")
      )
    })
    await finish(server, await claim(server, "w", { types: [type] }))
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(page?.kind === "jobs" && page.items.some((job) => job.id === id && job.status === "done"))
    })
    await top.close()
  })

  it("follows a job with its log from the beginning, and lets go of it when it is left", async () => {
    const type = newName("type")
    await create(server, { type })
    const held = await claim(server, "w", { types: [type] })
    const tell = async (body: string) =>
      expectStatus(
        await call(server, "PUT", `/jobs/${held.id}/attempts/${held.attempt}/progress`, {
          as: "w",
          headers: { "content-type": "text/event-stream" },
          body
        }),
        202
      )
    await tell("id: 1\nevent: log_chunk\ndata: early\ndata:\n\n")
    const top = await openTop(server)
    const logIs = (...lines: ReadonlyArray<string>) =>
      top.until((state) => {
        const { page } = shownData(state)
        assert.deepStrictEqual(page?.kind === "job" ? page.log : null, lines)
      })
    top.press("3", "/", ..."type=", ...type, "enter")
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(page?.kind === "jobs" && page.items.length === 1)
    })
    top.press("enter")
    await logIs("early", "")
    await tell("id: 2\nevent: log_chunk\ndata: late\n\nid: 3\nevent: percent\ndata: 40\n\n")
    await logIs("early", "late")
    await top.until((state) => {
      const { page } = shownData(state)
      const job = page?.kind === "job" ? page : null
      assert.deepStrictEqual([job?.job?.progress?.percent, job?.attempts.length], [40, 1])
    })
    // What is told of the server may be of a second ago.
    const followersAre = (count: number) =>
      eventually(async () => assert.strictEqual((await openStreams())["followers"], count))
    await followersAre(1)
    top.press("escape")
    await followersAre(0)
    await top.close()
  })

  it("does what was decided, and says of how many it could not be done", async () => {
    const type = newName("type/with:odd@signs")
    const jobs = [await create(server, { type }), await create(server, { type })]
    const top = await openTop(server)
    top.press("3", "/", ..."type=", ...type, "enter")
    const listed = () =>
      top.until((state) => {
        const { page } = shownData(state)
        assert.isTrue(page?.kind === "jobs" && page.items.length === 2)
      })
    await listed()
    await top.until((state) => assert.isFalse(isStale(state)))
    top.press("v", "G", "+", "y")
    await top.until((state) => assert.include(state.notice?.text ?? "", "2 jobs: raised by 1"))
    for (const { id } of jobs) assert.strictEqual((await get(server, id)).priority, 1)

    top.press("v", "g", "c")
    expectStatus(await call(server, "DELETE", `/jobs/${jobs[0]?.id}`), 202)
    top.press("y")
    await top.until((state) => assert.match(state.notice?.text ?? "", /^1 of 2 failed: /))

    await top.until((state) =>
      assert.isTrue(shownData(state).stats?.types.some((each) => each.type === type))
    )
    top.press("2", "/", ...type, "enter", "p", "y")
    await top.until((state) => assert.include(state.notice?.text ?? "", `type ${type}: paused`))
    top.press("4", "g")
    await top.until((state) => assert.strictEqual(shownData(state).page?.kind, "workers"))
    top.press("b", "y")
    await top.until((state) => assert.include(state.notice?.text ?? "", "worker w: banned"))
    await top.close()
  })

  it("decides about all jobs that fit a filter, whose exact number it asks with", async () => {
    const type = newName("type")
    await createMany(
      server,
      Array.from({ length: 120 }, () => ({ type }))
    )
    const top = await openTop(server)
    await top.until((state) => assert.isFalse(isStale(state)))
    top.press("3", "/", ..."type=", ...type, "enter", "ctrl+x")
    await top.until(({ prompt }) =>
      assert.include(
        prompt?.kind === "confirm" ? questionOf(prompt.change) : "",
        `Cancel all 120 unfinished jobs with type=${type}`
      )
    )
    top.press("y")
    await top.until(({ notice }) => assert.include(notice?.text ?? "", "cancelled, in the background"))
    await eventually(async () => {
      const { items } = await list(server, `type=${type}&limit=1000`)
      assert.isTrue(items.every(({ status }) => status === "cancelled"))
    })
    await top.close()
  })

  it("decides about projects and schedules, and reads a worker with its attempts", async () => {
    const name = newName("schedule")
    const { id } = await createProject(server, { name: newName("project") })
    expectStatus(
      await call(server, "PUT", `/schedules/${name}`, {
        json: { cron: "0 0 1 1 *", job: { type: newName("type") } }
      }),
      201
    )
    const top = await openTop(server)
    const told = (text: string) => top.until(({ notice }) => assert.include(notice?.text ?? "", text))
    await top.until((state) => assert.isFalse(isStale(state)))
    top.press("5")
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(page?.kind === "projects" && page.projects[0]?.id === id)
    })
    top.press("x", "y")
    await told(": closed")
    top.press("tab", "/", ...name, "enter", "p", "y")
    await told(`schedule ${name}: paused`)
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(
        page?.kind === "projects" && page.schedules?.find((each) => each.name === name)?.paused === true
      )
    })
    top.press("n", "y")
    await told(`schedule ${name}: has a new job`)

    const worker = newName("worker")
    const { type } = await create(server, { type: newName("type") })
    const held = await claim(server, worker, { types: [type] })
    top.press("4", "/", ...worker, "enter")
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(page?.kind === "workers" && page.items.some((each) => each.name === worker))
    })
    top.press("enter")
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(page?.kind === "worker" && page.worker.running[0]?.job === held.id)
    })
    await finish(server, held)
    await top.until((state) => {
      const { page } = shownData(state)
      assert.isTrue(page?.kind === "worker" && page.jobs.some(({ status }) => status === "done"))
    })
    await top.close()
  })
})
