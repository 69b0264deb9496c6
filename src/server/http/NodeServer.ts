/** The listening socket. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Data, Duration, Predicate } from "effect"
import {
  type IncomingMessage,
  Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES
} from "node:http"
import type { Duplex } from "node:stream"

/** How long a stopping server waits for requests under way. */
const graceToStop = Duration.seconds(5)

// What does not even parse as HTTP is answered here, before there is a request. It gets a problem, too.
const statuses: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

const details: Record<number, string> = {
  408: "the headers were not there after a minute",
  417: "nothing but 100-continue can be expected",
  431: "the headers are too large"
}

const malformed = (status: number) => {
  const title = STATUS_CODES[status] ?? "Bad Request"
  const detail = details[status] ?? "what came is not HTTP"
  const body = JSON.stringify({ type: "urn:lazyboss:problem:malformed-http", title, status, detail })
  const headers = { "Content-Type": "application/problem+json", "Content-Length": Buffer.byteLength(body) }
  return { status, title, body, headers }
}

const write = (socket: Duplex, { body, headers, status, title }: ReturnType<typeof malformed>) => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join("")}Connection: close\r\n\r\n${body}`)
}

// Who asks before sending a body is told of by an event of its own, but only where somebody listens for that: else Node
// consents, and tells of the request as of any other.
const hearRequests = (
  server: Server,
  hear: (request: IncomingMessage, response: ServerResponse) => void
): Server => {
  const listenAlong = (event: string) => {
    if (event === "checkContinue") server.off("newListener", listenAlong).on("checkContinue", hear)
  }
  return server.on("request", hear).on("newListener", listenAlong)
}

const answerMalformedRequests = (server: Server): Server => {
  const answers = new WeakMap<Duplex, ServerResponse>()
  return hearRequests(server, (request, response) => answers.set(request.socket, response))
    .on("clientError", (error: NodeJS.ErrnoException, socket) => {
      if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy()
      const answer = answers.get(socket)
      if (answer === undefined || answer.writableFinished) {
        return write(socket, malformed(statuses[error.code ?? ""] ?? 400))
      }
      // Nonsense after a request that came whole is none of that request's: its answer is still due.
      if (answer.req.complete) return answer.once("finish", () => socket.end())
      // Another answer has no place within one that has begun.
      return answer.headersSent ? socket.destroy() : write(socket, malformed(400))
    })
    .on("checkExpectation", (_, response) => {
      const { body, headers, status } = malformed(417)
      response.writeHead(status, headers).end(body)
    })
}

// The socket is there before those who answer, who first read the policies and tokens of the store. Nobody would ever answer
// a request that comes in between.
const holdEarlyRequests = (server: Server): Server => {
  const early: Array<readonly [IncomingMessage, ServerResponse]> = []
  const hold = (request: IncomingMessage, response: ServerResponse) => {
    early.push([request, response])
  }
  const letGo = (event: string) => {
    if (event !== "request") return
    server.off("newListener", letGo).off("request", hold)
    // Whoever is about to listen does so when this is over.
    process.nextTick(() => {
      for (const [request, response] of early) server.emit("request", request, response)
    })
  }
  return server.on("request", hold).on("newListener", letGo)
}

// A closing server waits for its connections. One that is kept alive after its last answer, or on which nothing was ever
// asked, would be waited for in vain.
class PromptlyClosingServer extends Server {
  readonly #silent = new Set<Duplex>()

  constructor(options: ServerOptions) {
    super(options)
    this.on("connection", (socket) => {
      this.#silent.add(socket)
      socket.once("close", () => this.#silent.delete(socket))
    })
    hearRequests(this, ({ socket }, response) => {
      this.#silent.delete(socket)
      response.once("finish", () => {
        if (!this.listening) socket.end()
      })
    })
  }

  override close(callback?: (error?: Error) => void): this {
    for (const socket of this.#silent) socket.destroy()
    return super.close(callback)
  }
}

/** The address cannot be listened on. */
export class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly host: string
  readonly port: number
  readonly cause: unknown
}> {
  override get message() {
    const place = `port ${this.port} of ${this.host}`
    const code = Predicate.hasProperty(this.cause, "code") ? this.cause.code : undefined
    if (code === "EADDRINUSE")
      return `${place} is in use: stop the program that has it, or choose another --port`
    if (code === "EACCES") return `${place} may not be used by this user: choose a --port above 1023`
    return `cannot listen on ${place}: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}

/** Listens on the address. A worker's progress may take as long as it likes, but headers must come within a minute. */
export const NodeServerLive = (address: { readonly host: string; readonly port: number }) =>
  NodeHttpServer.layer(
    () =>
      holdEarlyRequests(
        answerMalformedRequests(
          new PromptlyClosingServer({
            requestTimeout: 0,
            // Node's own refusal would be no problem document: see `requireHost`.
            requireHostHeader: false,
            headersTimeout: Duration.toMillis(Duration.minutes(1)),
            keepAliveTimeout: Duration.toMillis(Duration.seconds(75))
          })
        )
      ),
    { host: address.host, port: address.port, gracefulShutdownTimeout: graceToStop }
  )
