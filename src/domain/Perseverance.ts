/** For duties that must go on when the store is away for a while. */
import { type Cause, Duration, Effect } from "effect"
import { isStoreUnavailable } from "./jobs/JobRepo.ts"

/** How long a duty rests after it failed. */
export const restAfterFailure = Duration.millis(500)

const failing = "duty failing, to be tried until it is done"
const doneAfterAll = "duty done after all"

/**
 * Logs the first failure of a duty that is tried again and again, and when it works again. That the store is away is said
 * once by whoever watches it, and not by all whose duties wait for it.
 */
export const makeTrouble = (duty: string) => {
  let trouble: "none" | "store away" | "other" = "none"
  return {
    begin: (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (trouble !== "none") return Effect.void
        const isAway = isStoreUnavailable(cause)
        trouble = isAway ? "store away" : "other"
        return Effect.annotateLogs(isAway ? Effect.logDebug(failing) : Effect.logWarning(failing, cause), {
          duty
        })
      }),
    end: Effect.suspend((): Effect.Effect<void> => {
      if (trouble === "none") return Effect.void
      const log = trouble === "store away" ? Effect.logDebug : Effect.logInfo
      trouble = "none"
      return Effect.annotateLogs(log(doneAfterAll), { duty })
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
