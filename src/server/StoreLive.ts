/** The store that the settings ask for, opened. */
import { Data, Effect, Layer, Option, Redacted } from "effect"
import { Peers } from "../domain/events/Peers.ts"
import * as EmbeddedPostgres from "./postgres/embedded/EmbeddedPostgres.ts"
import * as Vacuum from "./postgres/embedded/Vacuum.ts"
import * as Notifications from "./postgres/Notifications.ts"
import * as Postgres from "./postgres/Postgres.ts"
import * as PostgresStore from "./postgres/PostgresStore.ts"
import type { StoreSettings } from "./Settings.ts"

/** What was given as the address of the database is none. */
export class NoDatabaseUrl extends Data.TaggedError("NoDatabaseUrl") {
  override get message() {
    return "the database URL cannot be read: it must look like postgres://user:password@host:5432/database"
  }
}

const isPostgresUrl = (text: string): boolean =>
  URL.canParse(text) && ["postgres:", "postgresql:"].includes(new URL(text).protocol)

// The embedded PostgreSQL is this process's alone: there are no other servers to talk to.
const embedded = (dataDir: string) =>
  Layer.mergeAll(PostgresStore.layerMigrated, Peers.none, Vacuum.layer).pipe(
    Layer.provide(EmbeddedPostgres.layer({ dataDir }))
  )

const byUrl = (url: Redacted.Redacted) =>
  Layer.unwrap(
    Effect.gen(function* () {
      if (!isPostgresUrl(Redacted.value(url))) return yield* new NoDatabaseUrl()
      return Layer.merge(PostgresStore.layerMigrated, Notifications.layer).pipe(
        Layer.provide(Postgres.layer({ url }))
      )
    })
  )

type StoreError = Layer.Error<ReturnType<typeof embedded> | ReturnType<typeof byUrl>>
type Opened = Layer.Success<ReturnType<typeof embedded> | ReturnType<typeof byUrl>>

export const StoreLive = ({ databaseUrl, dataDir }: StoreSettings): Layer.Layer<Opened, StoreError> =>
  Option.match(databaseUrl, { onNone: () => embedded(dataDir), onSome: byUrl })

// Without the password.
const describeDatabase = (url: Redacted.Redacted): string => {
  const { host, pathname } = new URL(Redacted.value(url))
  return `PostgreSQL, ${host}${pathname}`
}

/** Which store it is, in a few words. */
export const describeStore = ({ databaseUrl, dataDir }: StoreSettings): string =>
  Option.match(databaseUrl, { onNone: () => `embedded, ${dataDir}`, onSome: describeDatabase })
