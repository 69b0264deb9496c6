/** What everybody does who takes part in a run. */
import type { Effect } from "effect"
import { type Part, workersOf } from "../Cast.ts"
import type { Network } from "../Network.ts"
import type { Servers } from "../Servers.ts"
import type { World } from "../World.ts"
import { makeClient } from "./clients.ts"
import { makeFeedReader } from "./feedReaders.ts"
import { makeFollower } from "./followers.ts"
import { killServers, setClock, takeStoreAway } from "./incidents.ts"
import { makeIntruder } from "./intruders.ts"
import { makeMeddler } from "./meddlers.ts"
import { makeProjectFollower } from "./projectFollowers.ts"
import { makeStreamer } from "./streamers.ts"
import { makeSupervisor } from "./supervisors.ts"
import { makeWorker } from "./workers.ts"

interface Stage {
  readonly world: World
  readonly network: Network
  readonly servers: Servers
}

interface Playing {
  /** Whether it goes on in the calm time, until all is done. */
  readonly lasts: boolean
  /** What it does; null if the options say that nothing of the kind happens. */
  readonly play: (stage: Stage, name: string) => Effect.Effect<never> | null
}

/** Something that is done once in so many milliseconds on the average; nothing for null. */
const nowAndThen = (
  every: number | null,
  act: (every: number) => Effect.Effect<never>
): Effect.Effect<never> | null => (every === null ? null : act(every))

export const parts: Record<Part, Playing> = {
  client: { lasts: false, play: ({ network, world }, name) => makeClient(world, network, name) },
  worker: { lasts: true, play: ({ network, world }, name) => makeWorker(world, network, name) },
  streamer: { lasts: true, play: ({ network, world }, name) => makeStreamer(world, network, name) },
  follower: { lasts: true, play: ({ network, world }, name) => makeFollower(world, network, name) },
  "project-follower": {
    lasts: true,
    play: ({ network, world }, name) => makeProjectFollower(world, network, name)
  },
  reader: { lasts: true, play: ({ network, world }, name) => makeFeedReader(world, network, name) },
  killer: {
    lasts: true,
    play: ({ servers, world }) =>
      nowAndThen(world.options.incidents.serverDies, (every) => killServers(world, servers, every))
  },
  outages: {
    lasts: true,
    play: ({ servers, world }) =>
      nowAndThen(world.options.incidents.storeAway, (every) => takeStoreAway(world, servers, every))
  },
  clock: {
    lasts: false,
    play: ({ world }) => nowAndThen(world.options.incidents.clockSet, (every) => setClock(world, every))
  },
  supervisor: {
    lasts: false,
    play: ({ network, world }) =>
      nowAndThen(world.options.incidents.supervisorActs, (every) =>
        makeSupervisor(world, network, workersOf(world.options), every)
      )
  },
  meddler: {
    lasts: false,
    play: ({ network, world }) =>
      nowAndThen(world.options.incidents.supervisorActs, (every) => makeMeddler(world, network, every / 4))
  },
  intruder: { lasts: false, play: ({ network, world }) => makeIntruder(world, network) }
}
