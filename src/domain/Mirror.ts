/** A copy in memory of something small in the store that is looked at often and changed seldom, such as the policies. */
import { Duration, Effect, Semaphore } from "effect"
import { EventHub, type Rules } from "./events/EventHub.ts"
import { retryForever } from "./retryForever.ts"

/** News of a change may get lost: so often is the store looked at in any case. */
const backstop = Duration.seconds(15)

export interface Mirror<A> {
  /** The copy as it is now. */
  readonly current: () => A
  /**
   * Reads the store again. For whoever has changed something there, after `EventHub.publishSupervision`, which lets this mirror
   * and those of the same rules elsewhere try until they have read it.
   */
  readonly refresh: Effect.Effect<void>
}

/**
 * Makes a mirror of what `read` reads, which follows the store until the scope closes. `seen` is called with each new
 * copy. It does not begin before the store has answered.
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
