/** For duties that must go on when the store is away for a while. */
import { Duration, Effect } from "effect"

/** How long a duty rests after it failed. */
export const restAfterFailure = Duration.millis(500)

/** Runs a duty until it succeeds: a failure is logged and, after a rest, tried again. */
export const persevere = <A, E, R>(
  duty: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, never, R> =>
  Effect.catchCause(effect, (cause) =>
    Effect.logWarning(`could not ${duty}, trying again`, cause).pipe(
      Effect.andThen(Effect.sleep(restAfterFailure)),
      Effect.andThen(Effect.suspend(() => persevere(duty, effect)))
    )
  )
