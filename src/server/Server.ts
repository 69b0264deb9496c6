/** The server as it is run: settings in, a listening server out, or the reason why not. */
import { Console, Data, Effect, Layer, Option, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { version } from "../domain/api/Api.ts"
import { Authenticator } from "../domain/Caller.ts"
import { Peers } from "../domain/EventHub.ts"
import type { Store } from "../domain/Store.ts"
import { ApplicationLive } from "./Application.ts"
import { CannotListen, NodeServerLive } from "./http/NodeServer.ts"
import { LargestBody } from "./http/RequestBodies.ts"
import * as Logs from "./logs/Logs.ts"
import * as EmbeddedPostgres from "./postgres/embedded/EmbeddedPostgres.ts"
import * as Vacuum from "./postgres/embedded/Vacuum.ts"
import * as Notifications from "./postgres/Notifications.ts"
import * as Postgres from "./postgres/Postgres.ts"
import * as PostgresStore from "./postgres/PostgresStore.ts"
import { isLoopback, type Settings } from "./Settings.ts"
import * as Traces from "./traces/Traces.ts"

/** An open server was asked to listen where others than this machine's users can reach it. */
export class ExposedWithoutConsent extends Data.TaggedError("ExposedWithoutConsent")<{
  readonly host: string
}> {
  override get message() {
    return (
      `whoever reaches ${this.host} could do anything, for this server asks nobody for a token: listen on 127.0.0.1, ` +
      "or pass --open if that is what you want"
    )
  }
}

/** What was given as the address of the database is none. */
export class NoDatabaseUrl extends Data.TaggedError("NoDatabaseUrl") {
  override get message() {
    return "the database URL cannot be read: it must look like postgres://user:password@host:5432/database"
  }
}

const isPostgresUrl = (text: string): boolean =>
  URL.canParse(text) && ["postgres:", "postgresql:"].includes(new URL(text).protocol)

// The embedded PostgreSQL is this process's alone: there are no other servers to talk to.
const EmbeddedStoreLive = (dataDir: string) =>
  Layer.mergeAll(PostgresStore.layerMigrated, Peers.none, Vacuum.layer).pipe(
    Layer.provide(EmbeddedPostgres.layer({ dataDir }))
  )

const PostgresStoreLive = (url: Redacted.Redacted) =>
  Layer.merge(PostgresStore.layerMigrated, Notifications.layer).pipe(Layer.provide(Postgres.layer({ url })))

type StoreError = Layer.Error<ReturnType<typeof EmbeddedStoreLive> | ReturnType<typeof PostgresStoreLive>>

const StoreLive = ({ databaseUrl, dataDir }: Settings): Layer.Layer<Store | Peers, StoreError> =>
  Option.isSome(databaseUrl) ? PostgresStoreLive(databaseUrl.value) : EmbeddedStoreLive(dataDir)

// Without the password.
const describeDatabase = (url: Redacted.Redacted): string => {
  const { host, pathname } = new URL(Redacted.value(url))
  return `PostgreSQL, ${host}${pathname}`
}

const describeStore = ({ databaseUrl, dataDir }: Settings): string =>
  Option.match(databaseUrl, { onNone: () => `embedded, ${dataDir}`, onSome: describeDatabase })

const AnnounceReady = (settings: Settings) =>
  Layer.effectDiscard(
    HttpServer.addressFormattedWith((address) =>
      Effect.andThen(
        Console.log(`lazyboss is listening on ${address} (${describeStore(settings)})`),
        Effect.annotateLogs(Effect.logInfo("server started"), {
          version,
          address,
          store: describeStore(settings)
        })
      )
    )
  )

/** Runs the server until it is interrupted. Logs go to standard error; standard output has the one ready line. */
export const serve = Effect.fnUntraced(function* (settings: Settings) {
  if (!settings.isOpenToAll && !isLoopback(settings.host)) {
    return yield* new ExposedWithoutConsent({ host: settings.host })
  }
  if (Option.exists(settings.databaseUrl, (url) => !isPostgresUrl(Redacted.value(url)))) {
    return yield* new NoDatabaseUrl()
  }
  return yield* AnnounceReady(settings).pipe(
    Layer.provide(ApplicationLive),
    Layer.provide(NodeServerLive(settings)),
    Layer.provide(StoreLive(settings)),
    Layer.provide(Authenticator.open),
    Layer.provide(Layer.succeed(LargestBody, settings.maxBody)),
    Layer.provide(Traces.layer),
    Layer.provide(Logs.layer(settings)),
    Layer.launch,
    Effect.catchTag("ServeError", ({ cause }) => Effect.fail(new CannotListen({ ...settings, cause })))
  )
})
