/** The server may be away for a while: its callers wait for it, and do not all come back at the same moment. */
import { Duration, Effect, Schedule } from "effect"
import { HttpClientError } from "effect/http"

/** Tries again for ever: soon at first, then every 5 s. */
export const untilItIsBack = Schedule.jittered(
  Schedule.min([Schedule.exponential(Duration.millis(100)), Schedule.spaced(Duration.seconds(5))])
)

/** Whether the same call may well succeed later: nobody answered, the answer was cut, or the server was in trouble. */
export const isPassing = (error: { readonly _tag: string }): boolean =>
  HttpClientError.isHttpClientError(error)
    ? error.reason._tag !== "EncodeError" && error.reason._tag !== "InvalidUrlError"
    : error._tag === "Unavailable" || error._tag === "InternalFailure"

/** Makes a call again until it is answered. For calls that may be made twice. */
export const persistently = <A, E extends { readonly _tag: string }, R>(call: Effect.Effect<A, E, R>) =>
  Effect.retry(call, { schedule: untilItIsBack, while: isPassing })
