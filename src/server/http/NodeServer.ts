/** The listening socket. */
import { NodeHttpServer } from "@effect/platform-node"
import { Duration } from "effect"
import { createServer, type Server, STATUS_CODES } from "node:http"

/** A stopping server waits so long for answers under way. */
const graceToStop = Duration.seconds(5)

// What does not even parse as HTTP is answered by Node itself, before there is a request. It gets a problem, too.
const statuses: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

const answerMalformedRequests = (server: Server): Server =>
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy()
    const status = statuses[error.code ?? ""] ?? 400
    const title = STATUS_CODES[status] ?? "Bad Request"
    const body = JSON.stringify({ type: "urn:lazyboss:problem:malformed-http", title, status })
    return socket.end(
      `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
    )
  })

/** Listens on the address. A worker's progress may take as long as it likes, but headers must come within a minute. */
export const NodeServerLive = (address: { readonly host: string; readonly port: number }) =>
  NodeHttpServer.layer(
    () =>
      answerMalformedRequests(
        createServer({
          requestTimeout: 0,
          headersTimeout: Duration.toMillis(Duration.minutes(1)),
          keepAliveTimeout: Duration.toMillis(Duration.seconds(75))
        })
      ),
    { host: address.host, port: address.port, gracefulShutdownTimeout: graceToStop }
  )
