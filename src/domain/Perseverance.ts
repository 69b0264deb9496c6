/** For duties that must go on when the store is away for a while. */
import { Cause, Duration, Effect } from "effect"
import { StoreUnavailable } from "./JobRepo.ts"

/** How long a duty rests after it failed. */
export const restAfterFailure = Duration.millis(500)

/** The reason of a failure in few words: what the database says when it is away is the same each time. */
const reasonOf = (cause: Cause.Cause<unknown>) => {
  const error = Cause.squash(cause)
  return error instanceof StoreUnavailable ? "the database does not answer" : cause
}

/** Logs the first failure of a duty that is tried again and again, and when it works again. */
export const makeTrouble = (duty: string) => {
  let isUnderWay = false
  return {
    begin: (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (isUnderWay) return Effect.void
        isUnderWay = true
        return Effect.logWarning(`could not ${duty}, trying again until it works`, reasonOf(cause))
      }),
    end: Effect.suspend((): Effect.Effect<void> => {
      if (!isUnderWay) return Effect.void
      isUnderWay = false
      return Effect.logInfo(`could ${duty} again`)
    })
  }
}

/** Runs a duty until it succeeds: the first failure is logged, and after a rest the duty is tried again and again. */
export const persevere = <A, E, R>(
  duty: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, never, R> =>
  Effect.suspend(() => {
    const trouble = makeTrouble(duty)
    const attempt: Effect.Effect<A, never, R> = Effect.catchCause(effect, (cause) =>
      trouble
        .begin(cause)
        .pipe(Effect.andThen(Effect.sleep(restAfterFailure)), Effect.andThen(Effect.suspend(() => attempt)))
    )
    return Effect.tap(attempt, trouble.end)
  })
