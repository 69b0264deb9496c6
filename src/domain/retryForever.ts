/** Retries background work until the store is back, and logs an outage once instead of once per try. */
import { type Cause, Duration, Effect } from "effect"
import { isStoreUnavailable } from "./StoreUnavailable.ts"

/** The pause between a failure and the next try. */
export const retryDelay = Duration.millis(500)

const failing = "duty failing, to be tried until it is done"
const doneAfterAll = "duty done after all"

/**
 * Logs the first of several failures in a row of a duty, and its next success. When the cause is that the store is
 * unavailable, both are debug lines: `StoreInstrumentation` says that once for the whole server.
 */
export const makeFailureLog = (duty: string) => {
  let failure: "none" | "store away" | "other" = "none"
  return {
    failed: (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (failure !== "none") return Effect.void
        const isAway = isStoreUnavailable(cause)
        failure = isAway ? "store away" : "other"
        return Effect.annotateLogs(isAway ? Effect.logDebug(failing) : Effect.logWarning(failing, cause), {
          duty
        })
      }),
    succeeded: Effect.suspend((): Effect.Effect<void> => {
      if (failure === "none") return Effect.void
      const log = failure === "store away" ? Effect.logDebug : Effect.logInfo
      failure = "none"
      return Effect.annotateLogs(log(doneAfterAll), { duty })
    })
  }
}

/** Runs a duty until it succeeds, with `retryDelay` between tries. Never fails; logs as `makeFailureLog` says. */
export const retryForever = <A, E, R>(
  duty: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, never, R> =>
  Effect.suspend(() => {
    const failures = makeFailureLog(duty)
    const attempt: Effect.Effect<A, never, R> = Effect.catchCause(effect, (cause) =>
      failures
        .failed(cause)
        .pipe(Effect.andThen(Effect.sleep(retryDelay)), Effect.andThen(Effect.suspend(() => attempt)))
    )
    return Effect.tap(attempt, failures.succeeded)
  })
