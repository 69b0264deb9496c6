/** The tokens of a store, for whoever has its files or its database: no server need run on it. */
import { Layer } from "effect"
import { Digest } from "effect/crypto"
import { EventHub } from "../domain/events/EventHub.ts"
import { Tokens } from "../domain/access/Tokens.ts"
import * as PooledRandom from "./PooledRandom.ts"
import * as DataDirectory from "./postgres/embedded/DataDirectory.ts"
import * as ServingAddress from "./postgres/embedded/ServingAddress.ts"
import type { StoreSettings } from "./Settings.ts"
import { StoreLive } from "./StoreLive.ts"

/** Opens the store as long as the layer is used. Servers on the same database hear of what is changed. */
export const LocalTokensLive = (settings: StoreSettings) =>
  Tokens.layer.pipe(
    Layer.provide(EventHub.layer),
    Layer.provide(StoreLive(settings)),
    Layer.provide([Digest.layerWebCrypto, PooledRandom.layer])
  )

/** Whether there is a store in this data directory. */
export const hasStore = DataDirectory.hasCluster

/** Where the server listens that has this data directory to itself, if it says so. */
export const findServer = ServingAddress.find
