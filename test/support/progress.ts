/** The progress of an attempt, told in short bodies or on one socket that speaks both ways at once. */
import { type ClientRequest, type IncomingMessage, request as send } from "node:http"
import { assert } from "@effect/vitest"
import { call, type CallOptions, expectStatus } from "./http.ts"
import { attemptPath, type WireAssignment } from "./jobs.ts"
import { EventReader, type SseEvent } from "./sse.ts"
import type { Server } from "./TestServer.ts"
import { within } from "./waiting.ts"

/** Sends events in one body, and returns the answer as it is. */
export const putProgress = (
  server: Server,
  held: WireAssignment,
  body: string | Uint8Array<ArrayBuffer>,
  { headers, ...options }: CallOptions = {}
) =>
  call(server, "PUT", attemptPath(held, "progress"), {
    as: held.assignee,
    body,
    headers: { "content-type": "text/event-stream", ...headers },
    ...options
  })

/** Sends events in one body, and returns the events of the answer. */
export const tell = async (
  server: Server,
  held: WireAssignment,
  body: string | Uint8Array<ArrayBuffer>,
  options: CallOptions = {}
): Promise<ReadonlyArray<SseEvent>> => {
  const answer = expectStatus(await putProgress(server, held, body, options), 202)
  assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream(;|$)/)
  async function* bytes() {
    yield new TextEncoder().encode(answer.text)
  }
  return new EventReader(bytes()).rest()
}

/** `seen` up to this number, as the server says it. */
export const seen = (mark: number): SseEvent => ({ id: String(mark), event: "seen", data: "seen" })

/** A conversation on one socket. */
export interface Conversation {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly events: EventReader
  readonly say: (text: string | Uint8Array) => void
  /** Ends the request, not the answer. */
  readonly hangUp: () => void
  /** Cuts the connection. */
  readonly cut: () => void
}

/** Opens a conversation. The answer begins before anything is said. */
export const converse = async (
  server: Server,
  held: WireAssignment,
  headers: Record<string, string> = {}
): Promise<Conversation> => {
  const request: ClientRequest = send(server.url + attemptPath(held, "progress"), {
    method: "PUT",
    agent: false,
    headers: { authorization: `Bearer ${held.assignee}`, "content-type": "text/event-stream", ...headers }
  })
  request.flushHeaders()
  const response = await within(
    new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve)
      request.once("error", reject)
    }),
    "the answer to a conversation"
  )
  // A connection that is cut on purpose is not an error.
  request.on("error", () => undefined)
  response.on("error", () => undefined)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events: new EventReader(response),
    say: (text) => void request.write(text),
    hangUp: () => void request.end(),
    cut: () => void request.destroy()
  }
}
