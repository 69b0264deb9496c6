/**
 * Probes when nobody else does anything: then nothing wakes a server by chance, and what it was not woken for comes by a
 * backstop, which is seen. Each run has some of them, one after the other.
 */
import { Effect } from "effect"
import type { Network } from "../Network.ts"
import type { Servers } from "../Servers.ts"
import type { World } from "../World.ts"
import { amended, kept, raisedLimit, relaxed, retriedInBulk, room, scheduled } from "./assignments.ts"
import { cancelledInBulk, ended, newSchedule, policy } from "./news.ts"
import { makeProber, type Probe } from "./Prober.ts"

const probes: Readonly<Record<string, Probe>> = {
  scheduled,
  amended,
  relaxed,
  kept,
  "retried-in-bulk": retriedInBulk,
  room,
  "raised-limit": raisedLimit,
  ended,
  "cancelled-in-bulk": cancelledInBulk,
  schedule: newSchedule,
  policy
}

export const probeNames: ReadonlyArray<string> = Object.keys(probes)

/** How many of them a run has. */
const inRun = 3

export const probeQuiet = Effect.fnUntraced(function* (world: World, network: Network, servers: Servers) {
  const dice = world.dice("quiet")
  const left = Object.entries(probes)
  for (let count = 0; count < inRun; count++) {
    for (const [name, probe] of left.splice(dice.below(left.length), 1)) {
      world.trace.say(`probe ${name}`)
      world.trace.count(`probe ${name}`)
      yield* Effect.scoped(probe(makeProber(world, network, servers, name)))
    }
  }
})
