/** A cached copy of something small in the store that is read often and changed seldom, such as the policies. */
import { Duration, Effect, Semaphore } from "effect"
import { EventHub } from "./events/EventHub.ts"
import type { Rules } from "./events/Peers.ts"
import { retryForever } from "./retryForever.ts"

/** How often the store is read without news of a change, for such news may get lost. */
const backstop = Duration.seconds(15)

export interface Mirror<A> {
  /** The copy as it is now. */
  readonly current: () => A
  /**
   * Reads the store again, once. To be called by whoever has changed it, after `EventHub.publishSupervision`: that makes this
   * mirror, and those of other servers, read until they succeed, so that a failure here does not matter.
   */
  readonly refresh: Effect.Effect<void>
}

/**
 * Makes a mirror of what `read` reads, which follows the store until the scope closes. `seen` is called with each new copy.
 * Returns when the first copy has been read, however long the store is unavailable.
 */
export const make = Effect.fnUntraced(function* <A>(
  rules: Rules,
  read: Effect.Effect<A>,
  seen: (copy: A) => void = () => undefined
) {
  const hub = yield* EventHub
  const changed = yield* hub.watchSupervision(rules)
  let copy = yield* retryForever(`read the ${rules}`, read)
  seen(copy)

  // One at a time, so that what was read first cannot be seen last.
  const oneAtATime = yield* Semaphore.make(1)
  const refresh = oneAtATime.withPermit(
    Effect.map(read, (fresh) => {
      copy = fresh
      seen(copy)
    })
  )
  yield* Effect.timeoutOption(changed, backstop).pipe(
    Effect.andThen(retryForever(`read the ${rules}`, refresh)),
    Effect.forever,
    Effect.forkScoped
  )
  // Whoever has changed something has done so, whether it can be read at this moment or not: the mirror will try again.
  return { current: () => copy, refresh: Effect.catchCause(refresh, () => Effect.void) }
})
