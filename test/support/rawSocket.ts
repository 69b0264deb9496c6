/** A bare socket, for what no HTTP client would send. */
import { connect, type Socket } from "node:net"
import { assert } from "@effect/vitest"
import { type Answer, call } from "./http.ts"
import type { Server } from "./TestServer.ts"
import { within } from "./waiting.ts"

/** Connects, writes the pieces one after another, and reads until the server closes the connection. */
export const exchange = async (
  server: Server,
  ...pieces: ReadonlyArray<string | Uint8Array>
): Promise<string> => {
  const socket: Socket = connect(server.port, "127.0.0.1")
  const received = new Promise<string>((resolve) => {
    let text = ""
    socket.setEncoding("latin1")
    socket.on("data", (data) => (text += String(data)))
    socket.once("error", () => resolve(text))
    socket.once("close", () => resolve(text))
  })
  for (const piece of pieces) {
    await new Promise<void>((resolve) => void socket.write(piece, () => resolve()))
  }
  try {
    return await within(received, "the server to close the connection")
  } finally {
    socket.destroy()
  }
}

/** The answers in what was received, one after another. */
export const answersIn = (received: string): ReadonlyArray<Answer> => {
  const answers: Array<Answer> = []
  let rest = received
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n")
    assert.isAbove(end, 0, `not an answer: ${rest.slice(0, 200)}`)
    const [statusLine = "", ...lines] = rest.slice(0, end).split("\r\n")
    const headers = new Headers(
      lines.map((line): [string, string] => [
        line.slice(0, line.indexOf(":")),
        line.slice(line.indexOf(":") + 1).trim()
      ])
    )
    const length = Number(headers.get("content-length") ?? rest.length)
    const body = rest.slice(end + 4, end + 4 + length)
    rest = rest.slice(end + 4 + length)
    answers.push({
      status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]),
      headers,
      text: body
    })
  }
  return answers
}

/** A request that the server has taken up. */
export interface Begun {
  /** What it is answered with. */
  readonly answer: () => Promise<Answer>
  /** Goes away without waiting for the answer. */
  readonly leave: () => Promise<void>
}

/** Sends a request, and resolves as soon as the server has taken it up, long before it is answered. */
export const begin = async (
  server: Server,
  method: string,
  path: string,
  { as = "w", json }: { readonly as?: string; readonly json?: unknown } = {}
): Promise<Begun> => {
  const socket = connect(server.port, "127.0.0.1").setEncoding("latin1")
  let received = ""
  const isTakenUp = new Promise<void>((resolve, reject) => {
    socket.on("data", (data) => {
      received += String(data)
      resolve()
    })
    socket.once("error", reject)
  })
  const isOver = new Promise<void>((resolve) => void socket.once("close", () => resolve()))
  const body = json === undefined ? "" : JSON.stringify(json)
  // It comes in one piece with one that is answered at once: when that is answered, the server has both.
  socket.write(
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" +
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${as}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  )
  await within(isTakenUp, `the server to take up ${method} ${path}`)
  return {
    answer: async () => {
      await within(isOver, `the answer to ${method} ${path}`)
      const [first, second, ...more] = answersIn(received)
      assert.deepStrictEqual({ status: first?.status, more }, { status: 200, more: [] })
      return second ?? assert.fail(`no answer: ${received}`)
    },
    leave: async () => {
      socket.destroy()
      // When the second of two others is answered, the server has long heard of it.
      for (let count = 0; count < 2; count++) await call(server, "GET", "/healthz")
    }
  }
}
