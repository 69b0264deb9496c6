/** What the dispatcher does about work that it may not have heard of, or that other servers want too. */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect } from "effect"
import * as Backlog from "../../src/domain/Backlog.ts"
import { first, insert, newGroup, newJob, nothingForNow } from "../stores/StoreKit.ts"
import { ask, claimNow, jobsOf, makePeer, pass, submit, world } from "./support/world.ts"

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

  /** A store that counts how often it is asked for pending groups, beside another server. */
  const makeAsked = () => {
    const peer = makePeer()
    let asked = 0
    return {
      peer,
      asked: () => asked,
      layer: world({
        peers: peer.layer,
        change: (repo) => ({
          pendingGroups: Effect.suspend(() => {
            asked += 1
            return repo.pendingGroups
          })
        })
      })
    }
  }

  const idle = makeAsked()
  it.effect("asks for strange groups only when somebody waits, who gets their jobs at once", () =>
    Effect.gen(function* () {
      yield* claimNow()
      const before = idle.asked()
      const [{ group }] = [first(yield* insert(newJob({ group: newGroup({ type: "strange" }) })))]
      yield* idle.peer.say({ groups: [group.id] })
      yield* pass("1 minute")
      assert.strictEqual(idle.asked(), before)
      assert.lengthOf(yield* claimNow(), 1)
      assert.strictEqual(idle.asked(), before + 1)
    }).pipe(Effect.provide(idle.layer))
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
