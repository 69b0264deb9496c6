/** A PostgreSQL server that others look after, by its URL. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Data, Duration, Effect, type Layer, type Redacted, Schedule } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { isRefusal, isUnavailability, messageOf } from "./errors.ts"
import { plannerSettings } from "./plannerSettings.ts"

export interface PostgresOptions {
  /** As libpq takes it: `postgres://user:password@host:5432/database?sslmode=require`. */
  readonly url: Redacted.Redacted
  /** Connections at most, one of which listens to the other servers. */
  readonly maxConnections?: number
}

/** The database does not answer, or lets nobody in. */
export class DatabaseUnreachable extends Data.TaggedError("DatabaseUnreachable")<{
  readonly cause: SqlError
}> {
  override get message(): string {
    return `cannot reach the database: ${messageOf(this.cause)}`
  }
}

const defaultConnections = 8
const connectTimeout = Duration.seconds(5)
/** A connection whose other end is gone without a word is found out after this time and ten probes of a second. */
const keepAlive = Duration.seconds(15)

/** A database that is just starting is waited for. */
const startPatience = Duration.seconds(10)
const startPause = Duration.millis(250)

/** A value may have 16 MiB, the driver's default for a whole row. */
const maxMessageSize = 64 * 1024 * 1024

const sessionDefaults = {
  ...plannerSettings,
  // No statement of ours takes that long unless something is wrong.
  statement_timeout: "30s",
  idle_in_transaction_session_timeout: "30s",
  timezone: "UTC"
}

const untilItAnswers = (client: PgClient.PgClient) =>
  client`select 1`.unprepared.pipe(
    Effect.retry({
      while: (error) => isUnavailability(error) && !isRefusal(error),
      schedule: Schedule.spaced(startPause).pipe(Schedule.upTo({ duration: startPatience }))
    }),
    Effect.asVoid
  )

export const layer = ({
  maxConnections = defaultConnections,
  url
}: PostgresOptions): Layer.Layer<PgClient.PgClient | SqlClient, DatabaseUnreachable> =>
  PgClient.layerFrom(
    Effect.gen(function* () {
      const client = yield* PgClient.make({
        url,
        applicationName: "lazyboss",
        maxConnections,
        connectTimeout,
        keepAlive,
        startupParameters: sessionDefaults,
        maxMessageSize,
        transformJson: false
      })
      yield* untilItAnswers(client)
      return client
    }).pipe(Effect.mapError((cause) => new DatabaseUnreachable({ cause })))
  )
