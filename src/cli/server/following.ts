/** Following what a server tells of a job or a project, from now to its end. */
import { Effect, Option, Schema, Stream } from "effect"
import type { Sse } from "effect/encoding"
import { FetchHttpClient } from "effect/http"
import { follow, NotTold } from "../../client/EventStreams.ts"
import { plainClient } from "../../client/LazybossClient.ts"
import { remark } from "../output/output.ts"
import { type Connection, refusalOf, connectionErrorOf } from "./asking.ts"

/** The events at a path of the server, after the event `from`. A connection that breaks is made again, with a remark. */
export const followPath = (server: Connection, path: string, from?: string) =>
  Stream.unwrap(
    Effect.map(plainClient({ url: server.url, token: Option.getOrUndefined(server.token) }), (http) =>
      follow(http, path, { from, onBreak: remark(`the connection to ${server.url} is lost: trying again`) })
    )
  ).pipe(
    Stream.provide(FetchHttpClient.layer),
    Stream.mapError((error) => {
      if (error instanceof NotTold) return refusalOf(error.status, error.message, server)
      return connectionErrorOf(error, server)
    })
  )

const asJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json))

/** An event as a JSON document; its data are JSON if they can be read as that, and text otherwise. */
export const toJsonEvent = (event: string, { data, id }: Sse.Event) => ({
  event,
  id: id ?? null,
  data: event === "log_chunk" || event === "message" ? data : Option.getOrElse(asJson(data), () => data)
})
