/** One run: a time of faults, then a calm time in which every job must end. */
import { Cause, Deferred, Effect, Exit, Fiber, Layer, Logger, Option, References, Result } from "effect"
import { Boss } from "../../src/domain/Boss.ts"
import { anyone } from "../../src/domain/access/Caller.ts"
import { Dispatcher } from "../../src/domain/dispatching/Dispatcher.ts"
import { EventFeed } from "../../src/domain/events/EventFeed.ts"
import { EventHub } from "../../src/domain/events/EventHub.ts"
import { isFinished } from "../../src/domain/jobs/Job.ts"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import { Memory } from "../../src/server/memory/MemoryState.ts"
import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"
import { makeClient } from "./actors/clients.ts"
import { makeFeedReader } from "./actors/feedReaders.ts"
import { makeFollower } from "./actors/followers.ts"
import { killServers, setClock, takeStoreAway } from "./actors/incidents.ts"
import { makeStreamer } from "./actors/streamers.ts"
import { makePeace, makeSupervisor, setFirstPolicy } from "./actors/supervisors.ts"
import { makeWorker } from "./actors/workers.ts"
import type { CheckerMaker } from "./Checker.ts"
import { checkers as allCheckers } from "./checkers/all.ts"
import { types } from "./Jobs.ts"
import { Loop } from "./Loop.ts"
import * as Network from "./Network.ts"
import type { Options } from "./Options.ts"
import * as Servers from "./Servers.ts"
import { type Violation, World } from "./World.ts"

/** A day on which nothing special happens to clocks. */
const start = Date.UTC(2030, 2, 4, 12)

/** How long the calm time has to end all jobs: longer than any clock of the rules, again and again. */
const calmAtMost = 60 * 60_000
const calmStep = 2_000

export interface Outcome {
  readonly options: Options
  readonly violation: Violation | null
  readonly hash: string
  /** The last lines of the trace. */
  readonly trace: ReadonlyArray<string>
  /** How often each thing happened. */
  readonly counts: ReadonlyMap<string, number>
  readonly simulatedMillis: number
}

export interface RunSettings {
  readonly checkers?: ReadonlyArray<CheckerMaker>
  readonly wrapping?: Servers.Wrapping
  /** Gets each line of the trace. */
  readonly write?: (line: string) => void
}

const unwrapped: Servers.Wrapping = (store) => store

const range = (count: number, name: string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)

// A cause in the log is a defect, unless the store was away.
const complaints = (world: World) =>
  Logger.make(({ cause, message }) => {
    if (cause.reasons.length === 0) return
    const error = Cause.squash(cause)
    if (error instanceof StoreUnavailable || Cause.hasInterruptsOnly(cause)) return
    world.saw({ _tag: "Complaint", text: `${String(message)} ${Cause.pretty(cause)}` })
  })

/** Starts an actor, which goes on until it is interrupted: a run in which one is dead would prove little. */
const startActor = (world: World, name: string, actor: Effect.Effect<never>) =>
  Effect.tap(Effect.forkScoped(actor), (fiber) =>
    Effect.sync(() =>
      fiber.addObserver((exit) => {
        if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return
        world.saw({ _tag: "Complaint", text: `${name} died: ${Cause.pretty(exit.cause)}` })
      })
    )
  )

/** The sum of what is counted at each server. */
const countAt = (servers: Servers.Servers, count: Effect.Effect<number, never, Servers.Services>) =>
  Effect.map(
    Effect.forEach(servers.running(), ({ services }) => Effect.provideContext(count, services)),
    (counts) => counts.reduce((sum, one) => sum + one, 0)
  )

/** How many wait for jobs, at all servers. */
const countWaiting = (servers: Servers.Servers) =>
  countAt(
    servers,
    Effect.flatMap(Dispatcher, ({ waiting }) => waiting)
  )

/** How many jobs are created one by one while everybody waits for them. */
const probes = 6
/** How long somebody may take to begin to wait while a job is there for everybody, in milliseconds. */
const longestUnwaited = 60_000
/** How often it is looked what became of them, in milliseconds. */
const glance = 50
/** The longest time between them, so that they do not all come at the same time of what servers do every five seconds. */
const longestRestOfProbing = 6_000

/** Sees whether who waits gets a new job as soon as other servers may have heard of it, and not only by a backstop. */
const probe = Effect.fnUntraced(function* (world: World, network: Network.Network, servers: Servers.Servers) {
  const dice = world.dice("probe")
  const { networkDelay, newsDelay, storeDelay } = world.options
  const within = newsDelay + 4 * networkDelay + 40 * storeDelay + 800
  for (let count = 0; count < probes; count++) {
    const answer = yield* network.ask(
      dice,
      "submit",
      Effect.flatMap(Boss, (boss) =>
        boss.submit([{ type: dice.pick(...types) }], anyone(Option.none()), Option.none())
      )
    )
    const [job] = Option.isSome(answer) && Result.isSuccess(answer.value) ? answer.value.success.jobs : []
    if (job === undefined) continue
    const statusNow = () => world.facts.state.histories.get(job.id)?.job.status ?? "gone"
    // Only who has waited all the while should have got it.
    let waited = 0
    let looked = 0
    while (statusNow() === "pending" && waited < within && looked < longestUnwaited) {
      yield* Effect.sleep(glance)
      looked += glance
      waited = (yield* countWaiting(servers)) > 0 ? waited + glance : 0
    }
    const status = statusNow()
    world.saw(
      status === "pending" && waited < within
        ? { _tag: "NobodyWaited", job: job.id, within: longestUnwaited }
        : { _tag: "Probed", job: job.id, status, within }
    )
    yield* Effect.sleep(dice.below(longestRestOfProbing))
  }
})

/** Who works or follows goes on to the end; who breaks things first brings back what is away. */
const goesOnInCalm = /^(worker|streamer|follower|killer|outages)/

const isAllDone = (world: World) =>
  [...world.facts.state.histories.values()].every(({ job }) => isFinished(job.status))

/** How long somebody may still wait by what was wished for before the calm. */
const longestWait = 25_000

/** How long it may take whoever follows to go on, and to hear of an end of which the news were lost. */
const longestReading = 35_000

/** How often checkers look at what has not happened. */
const glances = 2_000

const play = Effect.fnUntraced(function* (world: World, wrapping: Servers.Wrapping) {
  const { options } = world
  const store = yield* Layer.build(
    MemoryStore.layerOver.pipe(Layer.provide(Layer.succeed(Memory, world.facts.state)))
  )
  const servers = yield* Servers.make(world, store, wrapping)
  const network = yield* Network.make(world, servers)
  const takesPart = (name: string) => !options.without.has(name)
  const workers = range(options.workers, "worker")
  const streamers = range(options.streamers, "streamer")

  yield* Effect.forEach(range(options.servers, "server"), servers.start, { discard: true })
  world.isCalm = true
  yield* network.insist(world.dice("first"), "the first policy", setFirstPolicy)
  world.isCalm = false

  const stopOf = new Map<string, Fiber.Fiber<unknown>>()
  const act = Effect.fnUntraced(function* (name: string, actor: Effect.Effect<never>) {
    if (takesPart(name)) stopOf.set(name, yield* startActor(world, name, actor))
  })
  for (const name of range(options.clients, "client")) yield* act(name, makeClient(world, network, name))
  for (const name of workers) yield* act(name, makeWorker(world, network, name))
  for (const name of streamers) yield* act(name, makeStreamer(world, network, name))
  for (const name of range(options.followers, "follower"))
    yield* act(name, makeFollower(world, network, name))
  for (const name of range(options.feedReaders, "reader"))
    yield* act(name, makeFeedReader(world, network, name))
  const { clockSet, serverDies, storeAway, supervisorActs } = options.incidents
  if (serverDies !== null) yield* act("killer", killServers(world, servers, serverDies))
  if (storeAway !== null) yield* act("outages", takeStoreAway(world, servers, storeAway))
  if (clockSet !== null) yield* act("clock", setClock(world, clockSet))
  if (supervisorActs !== null) {
    const all = [...workers, ...streamers]
    yield* act("supervisor", makeSupervisor(world, network, all, supervisorActs))
  }
  yield* startActor(
    world,
    "glances",
    Effect.forever(
      Effect.andThen(
        Effect.sleep(glances),
        Effect.sync(() => world.saw({ _tag: "Glance" }))
      )
    )
  )
  yield* Effect.sleep(options.length)

  world.isCalm = true
  yield* Deferred.succeed(world.calm, undefined)
  world.trace.say("calm")
  for (const [name, fiber] of stopOf) {
    if (!goesOnInCalm.test(name)) yield* Fiber.interrupt(fiber)
  }
  yield* makePeace(world, network, [...workers, ...streamers])
  world.saw({ _tag: "Calm" })
  const helper = yield* startActor(world, "helper", makeWorker(world, network, "helper"))
  let waited = 0
  while (!isAllDone(world) && waited < calmAtMost) {
    yield* Effect.sleep(calmStep)
    waited += calmStep
  }
  yield* Effect.sleep(longestWait)
  yield* probe(world, network, servers)
  // Who follows reads to the end; who works has nothing left to do.
  yield* Effect.sleep(longestReading)
  yield* Fiber.interruptAll([...stopOf.values(), helper])
  yield* Effect.sleep(longestWait)
  const watching = Effect.flatMap(EventHub, (hub) => hub.watching)
  const reading = Effect.flatMap(EventFeed, (feed) => feed.reading)
  const left = {
    waiting: yield* countWaiting(servers),
    watching: yield* countAt(servers, watching),
    reading: yield* countAt(servers, reading)
  }
  world.saw({ _tag: "End", left })
}, Effect.scoped)

/** Plays the run of these options. */
export const simulate = (options: Options, settings: RunSettings = {}): Outcome => {
  const loop = new Loop(start)
  const world = new World(loop, options, settings.checkers ?? allCheckers, settings.write ?? null)
  const run = play(world, settings.wrapping ?? unwrapped).pipe(
    Effect.provide(Logger.layer([complaints(world)])),
    Effect.provideService(References.MinimumLogLevel, "Warn")
  )
  const exit = loop.run(run, () => world.violation !== null)
  if (world.violation === null && (exit === undefined || Exit.isFailure(exit))) {
    const why = exit === undefined ? "nothing goes on any more" : Cause.pretty(exit.cause)
    world.violation = { checker: "the run itself", text: why }
  }
  if (world.violation === null) world.saw({ _tag: "Stopped", fibers: loop.settle() })
  return {
    options,
    violation: world.violation,
    hash: world.trace.digest(),
    trace: world.trace.last,
    counts: world.trace.counts,
    simulatedMillis: loop.elapsed()
  }
}
