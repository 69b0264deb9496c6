/** One run: a time of faults, then a calm time in which every job must end. */
import { Cause, Deferred, Effect, Exit, Fiber, Layer, Logger, References } from "effect"
import { isFinished } from "../../src/domain/jobs/Job.ts"
import { Memory } from "../../src/server/memory/MemoryState.ts"
import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"
import { parts } from "./actors/parts.ts"
import { makePeace, setFirstPolicy } from "./actors/supervisors.ts"
import { makeWorker } from "./actors/workers.ts"
import { castOf, named, workersOf } from "./Cast.ts"
import type { CheckerMaker } from "./Checker.ts"
import { checkers as allCheckers } from "./checkers/all.ts"
import { complaintsOfLog } from "./complaints.ts"
import { countLeft } from "./counting.ts"
import { Loop } from "./Loop.ts"
import * as Network from "./Network.ts"
import type { Options } from "./Options.ts"
import { probeNewJobs } from "./probes/newJobs.ts"
import { probeQuiet } from "./probes/quiet.ts"
import * as Servers from "./Servers.ts"
import { type Violation, World } from "./World.ts"

/** A day on which nothing special happens to clocks. */
const start = Date.UTC(2030, 2, 4, 12)

/** How long the calm time has to end all jobs: longer than any clock of the rules, again and again. */
const calmAtMost = 60 * 60_000
const calmStep = 2_000

/** How long what comes after the faults has, with all that is insisted upon. */
const restAtMost = 2 * calmAtMost

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

  yield* Effect.forEach(named(options.servers, "server"), servers.start, { discard: true })
  world.isCalm = true
  yield* network.insist(world.dice("first"), "the first policy", setFirstPolicy)
  world.isCalm = false

  // Whoever lasts goes on when nothing goes wrong any more, and if it broke something, brings it back.
  const ending: Array<Fiber.Fiber<unknown>> = []
  const lasting: Array<Fiber.Fiber<unknown>> = []
  for (const { name, part } of castOf(options)) {
    const playing = parts[part]
    const actor = options.without.has(name) ? null : playing.play({ network, servers, world }, name)
    if (actor !== null) (playing.lasts ? lasting : ending).push(yield* startActor(world, name, actor))
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
  for (const fiber of ending) yield* Fiber.interrupt(fiber)
  yield* makePeace(world, network, workersOf(options))
  world.saw({ _tag: "Calm" })
  const helper = yield* startActor(world, "helper", makeWorker(world, network, "helper"))
  let waited = 0
  while (!isAllDone(world) && waited < calmAtMost) {
    yield* Effect.sleep(calmStep)
    waited += calmStep
  }
  yield* Effect.sleep(longestWait)
  yield* probeNewJobs(world, network, servers)
  // Who follows reads to the end; who works has nothing left to do.
  yield* Effect.sleep(longestReading)
  yield* Fiber.interruptAll([...ending, ...lasting, helper])
  yield* probeQuiet(world, network, servers)
  yield* Effect.sleep(longestWait)
  world.saw({ _tag: "End", left: yield* countLeft(servers) })
}, Effect.scoped)

/** Plays the run of these options. */
export const simulate = (options: Options, settings: RunSettings = {}): Outcome => {
  const loop = new Loop(start)
  const world = new World(loop, options, settings.checkers ?? allCheckers, settings.write ?? null)
  const run = play(world, settings.wrapping ?? unwrapped).pipe(
    Effect.provide(Logger.layer([complaintsOfLog(world)])),
    Effect.provideService(References.MinimumLogLevel, "Warn")
  )
  const isTooLong = () => loop.elapsed() > options.length + restAtMost
  const exit = loop.run(run, () => world.violation !== null || isTooLong())
  if (world.violation === null && (exit === undefined || Exit.isFailure(exit))) {
    const stuck = isTooLong() ? "it never ends" : loop.impasse()
    const why = exit === undefined ? stuck : Cause.pretty(exit.cause)
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
