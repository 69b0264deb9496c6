/** What happens to servers and to the store: they die and start again, it is away for a while; the clock of all is set. */
import { Effect } from "effect"
import type { Servers } from "../Servers.ts"
import type { World } from "../World.ts"

/** Kills a server now and then, and starts it again. */
export const killServers = (world: World, servers: Servers, mean: number): Effect.Effect<never> => {
  const dice = world.dice("killer")
  return Effect.gen(function* () {
    yield* world.rest(dice, mean)
    const victim = dice.from(servers.running())
    if (victim === undefined || world.isCalm) return
    world.fault("server dies")
    const isOver = world.facts.troubles.begin()
    yield* servers.kill(victim.name)
    yield* Effect.sleep(dice.pick(10, 1_000, 20_000))
    yield* servers.start(victim.name)
    isOver()
  }).pipe(Effect.forever)
}

/** Takes the store away from all servers now and then. */
export const takeStoreAway = (world: World, servers: Servers, mean: number): Effect.Effect<never> => {
  const dice = world.dice("store")
  return Effect.gen(function* () {
    yield* world.rest(dice, mean)
    if (world.isCalm) return
    world.fault("store away")
    world.trace.say("the store is away")
    const isOver = world.facts.troubles.begin()
    const back = yield* servers.storeAway
    yield* Effect.sleep(dice.pick(100, 3_000, 25_000))
    yield* back
    world.trace.say("the store is back")
    isOver()
  }).pipe(Effect.forever)
}

/** Sets the clock forward or back now and then, as an operator does, or a machine that was asleep. */
export const setClock = (world: World, mean: number): Effect.Effect<never> => {
  const dice = world.dice("clock")
  return Effect.gen(function* () {
    yield* world.rest(dice, mean)
    const millis = dice.pick(-20_000, -2_000, 1_500, 15_000, 300_000)
    world.fault(millis < 0 ? "clock set back" : "clock set forward")
    world.setClock(millis)
  }).pipe(Effect.forever)
}
