import * as PgProtocol from "@effect/sql-pg/PgProtocol"
import { Buffer } from "node:buffer"
import type { Duplex } from "node:stream"

export const startup: Uint8Array = PgProtocol.encodeStartupMessage({ user: "postgres", database: "postgres" })

/** A client that speaks the protocol byte by byte, to see what a driver hides. */
export class WireClient {
  readonly socket: Duplex
  #received: Uint8Array = new Uint8Array(0)
  #arrived = (): void => {}

  constructor(socket: Duplex) {
    this.socket = socket
    socket.on("data", (chunk: Uint8Array) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#arrived()
    })
    // What goes wrong is seen by who waits for an answer.
    socket.on("error", () => this.#arrived())
    socket.on("close", () => this.#arrived())
  }

  send(bytes: Uint8Array, chunkSize = bytes.length): void {
    for (let start = 0; start < bytes.length; start += chunkSize) {
      this.socket.write(bytes.subarray(start, start + chunkSize))
    }
  }

  /** The types of the messages, but for settings, up to the next that says the database is ready, and the status it gives. */
  async answer(): Promise<string> {
    let types = ""
    let end = 0
    for (;;) {
      if (this.#received.length - end >= 5) {
        const view = new DataView(this.#received.buffer, this.#received.byteOffset, this.#received.byteLength)
        const size = 1 + view.getInt32(end + 1)
        if (this.#received.length - end >= size) {
          const type = String.fromCharCode(view.getUint8(end))
          // Settings are reported whenever the server likes.
          if (type !== "S") types += type
          end += size
          if (type !== "Z") continue
          types += String.fromCharCode(view.getUint8(end - 1))
          this.#received = this.#received.subarray(end)
          return types
        }
      }
      if (this.socket.destroyed) throw new Error(`the connection has closed after ${types}`)
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }
}
