/** A bare socket, for what no HTTP client would send. */
import { connect, type Socket } from "node:net"
import { assert } from "@effect/vitest"
import type { Answer } from "./http.ts"
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
