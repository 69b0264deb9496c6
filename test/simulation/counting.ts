/** How many wait, watch and read, at all servers together. */
import { Effect } from "effect"
import { Dispatcher } from "../../src/domain/dispatching/Dispatcher.ts"
import { EventFeed } from "../../src/domain/events/EventFeed.ts"
import { EventHub } from "../../src/domain/events/EventHub.ts"
import type { Left } from "./Checker.ts"
import type { Servers, Services } from "./Servers.ts"

const countAt = (servers: Servers, count: Effect.Effect<number, never, Services>) =>
  Effect.map(
    Effect.forEach(servers.running(), ({ services }) => Effect.provideContext(count, services)),
    (counts) => counts.reduce((sum, one) => sum + one, 0)
  )

/** How many wait for jobs. */
export const countWaiting = (servers: Servers): Effect.Effect<number> =>
  countAt(
    servers,
    Effect.flatMap(Dispatcher, ({ waiting }) => waiting)
  )

export const countLeft = (servers: Servers): Effect.Effect<Left> =>
  Effect.all({
    waiting: countWaiting(servers),
    watching: countAt(
      servers,
      Effect.flatMap(EventHub, ({ watching }) => watching)
    ),
    reading: countAt(
      servers,
      Effect.flatMap(EventFeed, ({ reading }) => reading)
    )
  })
