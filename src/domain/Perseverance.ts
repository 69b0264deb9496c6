/** For duties that must go on when the store is away for a while. */
import { Cause, Duration, Effect } from "effect"
import { StoreUnavailable } from "./JobRepo.ts"

/** How long a duty rests after it failed. */
export const restAfterFailure = Duration.millis(500)

/** The reason of a failure in few words: what the database says when it is away is the same each time. */
export const reasonOf = (cause: Cause.Cause<unknown>) => {
  const error = Cause.squash(cause)
  return error instanceof StoreUnavailable ? "the database does not answer" : cause
}

/** Runs a duty until it succeeds: the first failure is logged, and after a rest the duty is tried again and again. */
export const persevere = <A, E, R>(
  duty: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, never, R> => {
  const again = Effect.andThen(
    Effect.sleep(restAfterFailure),
    Effect.suspend(() => attempt)
  )
  const attempt: Effect.Effect<A, never, R> = Effect.catchCause(effect, () => again)
  return Effect.catchCause(effect, (cause) =>
    Effect.logWarning(`could not ${duty}, trying again until it works`, reasonOf(cause)).pipe(
      Effect.andThen(again),
      Effect.tap(() => Effect.logInfo(`could ${duty} again`))
    )
  )
}
