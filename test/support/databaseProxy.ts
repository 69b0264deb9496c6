/** Something between a server and its database that can take the network away, or let it hang. */
import { connect, createServer, type Socket } from "node:net"
import { assert } from "@effect/vitest"

export interface DatabaseProxy {
  readonly port: number
  /** From now on what comes is taken, and nothing of it is handed on, either way. */
  readonly hang: () => void
  /** From now on every connection is closed at once. */
  readonly refuse: () => void
  /** How many connections were closed so. */
  readonly refused: () => number
  /** Takes no more connections. */
  readonly stop: () => Promise<void>
}

/** Hands on what comes to `port`, or to a free one, to the port `to`. */
export const forward = async (to: number, port = 0): Promise<DatabaseProxy> => {
  const sockets = new Set<Socket>()
  let mood: "helpful" | "hanging" | "refusing" = "helpful"
  let refused = 0
  const server = createServer((client) => {
    if (mood === "refusing") {
      refused += 1
      return void client.destroy()
    }
    if (mood === "hanging") return void client.on("error", () => client.destroy()).resume()
    const database = connect(to, "127.0.0.1")
    client.pipe(database).pipe(client)
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.on("error", () => socket.destroy())
      socket.once("close", () => sockets.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") return assert.fail("no port")
  return {
    port: address.port,
    hang: () => {
      mood = "hanging"
      for (const socket of sockets) socket.unpipe().resume()
    },
    refuse: () => {
      mood = "refusing"
    },
    refused: () => refused,
    stop: () => new Promise((resolve) => void server.close(() => resolve()))
  }
}
