/** How the server is called: by Node's own HTTP, for `fetch` brings more code than all that is shown by it. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Layer } from "effect"
import { type ClientOptions, LazybossClient, make } from "../../client/LazybossClient.ts"

/** The client of a server, and the plain one for what it cannot read. */
export const calling = (options: ClientOptions) =>
  Layer.provideMerge(
    Layer.effect(LazybossClient, make(options)),
    NodeHttpClient.layerNodeHttpOptions({ keepAlive: true })
  )
