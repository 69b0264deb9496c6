/** Following what a server tells of a job or a project, from now to its end. */
import { Option, Schema, Stream } from "effect"
import type { Sse } from "effect/encoding"
import { follow, NotTold } from "../../client/EventStreams.ts"
import { remark } from "../output/output.ts"
import { type Connection, troubleOf, troubleOfClient } from "./asking.ts"

/** Jobs tell all that ever happened to whoever has seen this. */
export const beforeAnything = "0.0"

/** The events at a path of the server, after the event `from`. A connection that breaks is made again, with a remark. */
export const followPath = (server: Connection, path: string, from?: string) =>
  follow({ url: server.url, token: Option.getOrUndefined(server.token) }, path, {
    from,
    onBreak: remark(`the connection to ${server.url} is lost: trying again`)
  }).pipe(
    Stream.mapError((error) => {
      if (error instanceof NotTold) return troubleOf(error.status, error.message, server)
      return troubleOfClient(error, server)
    })
  )

const asJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json))

/** An event as a JSON document; its data are JSON if they can be read as that, and text otherwise. */
export const toJsonEvent = (event: string, { data, id }: Sse.Event) => ({
  event,
  id: id ?? null,
  data: event === "log_chunk" || event === "message" ? data : Option.getOrElse(asJson(data), () => data)
})
