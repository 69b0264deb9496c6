/** What the dispatcher does about work that it may not have heard of, or that other servers want too. */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Duration, Effect } from "effect"
import * as Backlog from "../../../src/domain/dispatching/Backlog.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import { cancellation, first, insert, newGroup, newJob, nothingForNow } from "../../stores/StoreKit.ts"
import { ask, claimNow, jobsOf, makePeer, pass, settle, submit, world } from "../support/world.ts"

describe("Dispatcher: other servers", () => {
  let isTaken = true
  const contended = world({
    change: (repo) => ({
      claim: (claim) => Effect.suspend(() => (isTaken ? Effect.succeed(nothingForNow) : repo.claim(claim)))
    })
  })
  it.effect("tries again while another server is claiming, without forgetting the work", () =>
    Effect.gen(function* () {
      const waiting = yield* ask({})
      yield* submit({ type: "a" })
      yield* pass("12 millis")
      assert.strictEqual(jobsOf(waiting), "waiting")
      isTaken = false
      yield* pass("5 millis")
      assert.strictEqual(jobsOf(waiting), 1)
    }).pipe(Effect.provide(contended))
  )

  it.effect(
    "answers a poll in time though another server holds what is there, and goes on trying for others",
    () =>
      Effect.gen(function* () {
        isTaken = true
        const patient = yield* ask({ worker: "patient" }, "1 minute")
        const waiting = yield* ask({ worker: "hasty" }, "2 seconds")
        yield* submit({ type: "a" })
        yield* pass("2 seconds")
        assert.strictEqual(jobsOf(waiting), "waiting")
        yield* pass("10 millis")
        assert.strictEqual(jobsOf(waiting), 0)
        isTaken = false
        yield* pass("5 millis")
        assert.strictEqual(jobsOf(patient), 1)
      }).pipe(Effect.provide(contended))
  )

  it.effect("tries for a while for who does not wait, while another server is claiming", () =>
    Effect.gen(function* () {
      isTaken = true
      yield* submit({ type: "a" })
      const now = yield* ask({}, "0 millis")
      yield* pass("50 millis")
      isTaken = false
      yield* pass("5 millis")
      assert.strictEqual(jobsOf(now), 1)
      isTaken = true
      yield* submit({ type: "a" })
      const vain = yield* ask({}, "0 millis")
      yield* pass("200 millis")
      assert.strictEqual(jobsOf(vain), 0)
    }).pipe(Effect.provide(contended))
  )

  /** A store that counts how often it is asked for jobs and pending groups, beside another server. */
  const makeAsked = () => {
    const peer = makePeer()
    let asked = 0
    let claims = 0
    const named: Array<number> = []
    return {
      peer,
      asked: () => asked,
      claims: () => claims,
      named,
      layer: world({
        peers: peer.layer,
        change: (repo) => ({
          pendingGroups: Effect.suspend(() => {
            asked += 1
            return repo.pendingGroups
          }),
          groups: (ids) =>
            Effect.suspend(() => {
              named.push(...ids)
              return repo.groups(ids)
            }),
          claim: (claim) =>
            Effect.suspend(() => {
              claims += 1
              return repo.claim(claim)
            })
        })
      })
    }
  }

  const strange = (type: string) =>
    Effect.map(insert(newJob({ group: newGroup({ type }) })), (jobs) => first(jobs).group.id)

  const idle = makeAsked()
  it.effect("asks for strange groups only when somebody waits, who gets their jobs at once", () =>
    Effect.gen(function* () {
      yield* claimNow()
      const before = idle.asked()
      const group = yield* strange("strange")
      yield* idle.peer.say({ groups: [group] })
      yield* pass("4 seconds")
      assert.deepStrictEqual([idle.asked(), idle.named], [before, []])
      assert.lengthOf(yield* claimNow(), 1)
      assert.deepStrictEqual([idle.asked(), idle.named], [before, [group]])
    }).pipe(Effect.provide(idle.layer))
  )

  const busy = makeAsked()
  it.effect(
    "looks up strange groups alone, and lets nobody ask again for whom there is nothing in them",
    () =>
      Effect.gen(function* () {
        yield* submit({ type: "paused" })
        const waiting = yield* ask({ types: ["mine"] }, "1 hour")
        yield* pass("1 second")
        const before = [busy.asked(), busy.claims()]
        for (const type of ["one", "two", "three"]) {
          yield* busy.peer.say({ groups: [yield* strange(type)] })
          yield* pass("100 millis")
        }
        assert.deepStrictEqual([busy.asked(), busy.claims()], before)
        assert.lengthOf(busy.named, 3)
        yield* busy.peer.say({ groups: [yield* strange("mine")] })
        yield* settle
        assert.strictEqual(jobsOf(waiting), 1)
      }).pipe(Effect.provide(busy.layer))
  )

  it.effect("soon sees past the groups that another server emptied, though each claim finds other jobs", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const ofTypes = (kind: string, count: number, priority: number) =>
        submit(...Array.from({ length: count }, (_, index) => ({ type: `${kind}-${index}`, priority })))
      yield* ofTypes("usual", 100, 0)
      const urgent = yield* ofTypes("urgent", 100, 9)
      yield* claimNow({ types: ["none"] })
      yield* repo.cancel(urgent.map(({ id }) => cancellation(id, Duration.zero)))
      yield* ofTypes("important", 1, 5)
      // More urgent groups come first by all that is known than one claim looks at.
      const given: Array<number> = []
      while (given.length < 8) given.push(first(yield* claimNow()).job.group.priority)
      assert.include(given, 5)
    }).pipe(Effect.provide(world()))
  )

  it.effect("finds the jobs of a group that it had to drop for others", () =>
    Effect.gen(function* () {
      yield* submit({ type: "dropped" })
      yield* claimNow({ types: ["none"] })
      const others = Array.from({ length: Backlog.mostKnown }, (_, tenant) => ({
        type: "others",
        fairnessKey: `tenant-${tenant}`
      }))
      yield* Effect.forEach(Arr.chunksOf(others, 1_000), (chunk) => submit(...chunk), { discard: true })
      yield* pass("1 second")
      assert.lengthOf(yield* claimNow({ types: ["dropped"] }), 1)
    }).pipe(Effect.provide(world()))
  )
})
