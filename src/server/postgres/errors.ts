/** What becomes of the database's errors. */
import { Cause, Duration, Effect, Predicate, Schedule } from "effect"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { StoreUnavailable } from "../../domain/StoreUnavailable.ts"

/** PostgreSQL's own code of the error, if it is one that PostgreSQL told. */
const sqlStateOf = ({ reason: { cause } }: SqlError): string =>
  Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : ""

/**
 * Beginnings of the codes that say that the database does not work for now: 08 no connection, 25006 read-only, 28 no
 * entry, 3D000 no such database, 40003 unknown whether done, 53 no memory, disk or connection left, 55P03 a lock and 57
 * an operator in the way, 58 a system error such as a failing disk.
 */
const statesOfUnavailability = ["08", "25006", "25P03", "28", "3D000", "40003", "53", "55P03", "57", "58"]

const troubleOf = (error: SqlError): "away" | "full" | "readOnly" => {
  const state = sqlStateOf(error)
  // The embedded database ends when it cannot write its log, and then says why in words only.
  if (state === "53100" || /no space left on device|disk quota exceeded/i.test(messageOf(error)))
    return "full"
  return state === "25006" ? "readOnly" : "away"
}

export const isUnavailability = (error: SqlError): boolean =>
  error.reason._tag === "ConnectionError" ||
  statesOfUnavailability.some((state) => sqlStateOf(error).startsWith(state))

/** Whether the database answers, but will not let us in until somebody changes that. */
export const isRefusal = (error: SqlError): boolean =>
  error.reason._tag === "AuthenticationError" || sqlStateOf(error) === "3D000"

/** What PostgreSQL, or the network, says of it. */
export const messageOf = ({ message, reason: { cause } }: SqlError): string =>
  cause instanceof Error ? cause.message : message

/** Whether another transaction was in the way, so that the same one may succeed if it is tried again. */
const isConflict = (error: SqlError): boolean =>
  error.reason._tag === "DeadlockError" || error.reason._tag === "SerializationError"

const retries = 5
const pause = Duration.millis(20)

/**
 * An answer that does not come in this time is not waited for: the database hangs, and whoever waits for it is better told
 * so. (It takes the driver some seconds more to give up the connection.) No call takes as long otherwise, for no batch is much larger than one statement's share. That it may have taken
 * effect all the same is safe: whoever asks again is recognised by the attempt's id or the idempotency key.
 */
export const patience = Duration.seconds(15)

// A transaction that cannot be rolled back, because the connection is gone, dies of it.
const sqlErrorOf = (cause: Cause.Cause<unknown>): SqlError | undefined => {
  for (const reason of cause.reasons) {
    const error = Cause.isFailReason(reason)
      ? reason.error
      : Cause.isDieReason(reason)
        ? reason.defect
        : undefined
    if (isSqlError(error)) return error
  }
  return undefined
}

/** Leaves a call to the store with no errors but defects: the callers can mend none of them. */
export const orUnavailable = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A> =>
  call.pipe(
    Effect.retry({
      while: (error) => isSqlError(error) && isConflict(error),
      times: retries,
      schedule: Schedule.jittered(Schedule.spaced(pause))
    }),
    Effect.catchCause((cause) => {
      const error = sqlErrorOf(cause)
      return error !== undefined && isUnavailability(error)
        ? Effect.die(
            new StoreUnavailable({
              cause: new Error(messageOf(error), { cause: error }),
              trouble: troubleOf(error)
            })
          )
        : Effect.orDie(Effect.failCause(cause))
    }),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.die(new StoreUnavailable({ cause: new Error("the database does not answer") }))
    })
  )
