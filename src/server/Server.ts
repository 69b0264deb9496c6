/** The server as it is run: settings in, a listening server out, or the reason why not. */
import { Console, Data, Effect, Layer, Option } from "effect"
import { HttpServer } from "effect/http"
import { version } from "../domain/version.ts"
import { TokenRepo } from "../domain/access/TokenRepo.ts"
import { MayBeOpen } from "../domain/access/Tokens.ts"
import { ApplicationLive } from "./Application.ts"
import { OwnMachineOnly } from "./http/ForeignPages.ts"
import { CannotListen, NodeServerLive } from "./http/NodeServer.ts"
import { LargestBody } from "./http/RequestBodies.ts"
import * as Logs from "./logs/Logs.ts"
import * as ServingAddress from "./postgres/embedded/ServingAddress.ts"
import { isLoopback, type Settings } from "./Settings.ts"
import { describeStore, StoreLive } from "./StoreLive.ts"
import * as Traces from "./traces/Traces.ts"

/** An open server was asked to listen where others than this machine's users can reach it. */
export class ExposedWithoutConsent extends Data.TaggedError("ExposedWithoutConsent")<{
  readonly host: string
}> {
  override get message() {
    return (
      `whoever reaches ${this.host} could do anything, for there is no token yet: make one with ` +
      "lazyboss token create NAME --role supervisor, listen on 127.0.0.1, or pass --open if that is what you want"
    )
  }
}

const mayBeOpen = ({ host, isOpenToAll }: Settings): boolean => isOpenToAll || isLoopback(host)

const announceAddress = ({ databaseUrl, dataDir }: Settings, address: string) =>
  Option.isSome(databaseUrl) ? Effect.void : ServingAddress.announce(dataDir, address)

const AnnounceReady = (settings: Settings) =>
  Layer.effectDiscard(
    HttpServer.addressFormattedWith((address) =>
      Effect.andThen(
        Effect.andThen(
          announceAddress(settings, address),
          Console.log(`lazyboss is listening on ${address} (${describeStore(settings)})`)
        ),
        Effect.annotateLogs(Effect.logInfo("server started"), {
          version,
          address,
          store: describeStore(settings)
        })
      )
    )
  )

// Whether anyone could do anything is known by the store: it is asked before the first connection is taken.
const ListeningLive = (settings: Settings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { all } = yield* TokenRepo
      if (!mayBeOpen(settings) && (yield* all).length === 0) {
        return yield* new ExposedWithoutConsent({ host: settings.host })
      }
      return NodeServerLive(settings)
    })
  )

/** Runs the server until it is interrupted. Logs go to standard error; standard output has the one ready line. */
export const serve = (settings: Settings) =>
  AnnounceReady(settings).pipe(
    Layer.provide(ApplicationLive),
    Layer.provide(ListeningLive(settings)),
    Layer.provide(StoreLive(settings)),
    Layer.provide(Layer.succeed(MayBeOpen, mayBeOpen(settings))),
    Layer.provide(Layer.succeed(OwnMachineOnly, !settings.isOpenToAll && isLoopback(settings.host))),
    Layer.provide(Layer.succeed(LargestBody, settings.maxBody)),
    Layer.provide(Traces.layer),
    Layer.provide(Logs.layer(settings)),
    Layer.launch,
    Effect.catchTag("ServeError", ({ cause }) => Effect.fail(new CannotListen({ ...settings, cause })))
  )
