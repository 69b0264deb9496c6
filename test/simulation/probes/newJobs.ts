/** Jobs that are created one by one while everybody waits for them. */
import { Effect, Option, Result } from "effect"
import { anyone } from "../../../src/domain/access/Caller.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import { countWaiting } from "../counting.ts"
import { types } from "../Jobs.ts"
import type { Network } from "../Network.ts"
import type { Servers } from "../Servers.ts"
import type { World } from "../World.ts"
import { longestWay, lookEvery } from "./Prober.ts"

const probes = 6
/** How long somebody may take to begin to wait while a job is there for everybody, in milliseconds. */
const longestUnwaited = 60_000
/** The longest time between them, so that they do not all come at the same time of what servers do every five seconds. */
const longestRest = 6_000

/** Sees whether who waits gets a new job as soon as other servers may have heard of it, and not only by a backstop. */
export const probeNewJobs = Effect.fnUntraced(function* (world: World, network: Network, servers: Servers) {
  const dice = world.dice("probe")
  const within = longestWay(world.options)
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
      yield* Effect.sleep(lookEvery)
      looked += lookEvery
      waited = (yield* countWaiting(servers)) > 0 ? waited + lookEvery : 0
    }
    const hasCome = statusNow() !== "pending"
    world.saw(
      hasCome || waited >= within
        ? { _tag: "Probed", awaited: `a worker for ${job.id}`, hasCome, within }
        : { _tag: "NobodyWaited", job: job.id, within: longestUnwaited }
    )
    yield* Effect.sleep(dice.below(longestRest))
  }
})
