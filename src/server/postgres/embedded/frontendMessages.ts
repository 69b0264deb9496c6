/** Splits a client's bytes into messages of PostgreSQL's wire protocol. */
import { Buffer } from "node:buffer"

const cancelRequestCode = 80877102
const sslRequestCode = 80877103
const startupHeaderSize = 8
const messageHeaderSize = 5
const terminate = "X".charCodeAt(0)
const sync = "S".charCodeAt(0)
const query = "Q".charCodeAt(0)

/** A cancel request comes alone on a connection of its own. */
export const isCancelRequest = (chunk: Uint8Array): boolean =>
  chunk.length >= startupHeaderSize && viewOf(chunk).getInt32(4) === cancelRequestCode

export type Startup =
  { readonly _tag: "EncryptionRequest" } | { readonly _tag: "StartupPacket"; readonly packet: Uint8Array }

export interface MessageRun {
  /** One or more whole messages, as they came. */
  readonly bytes: Uint8Array
  /** Whether the last one ends an exchange, so that the database owes the client nothing after it. */
  readonly endsExchange: boolean
  /** Whether the client said goodbye after them. */
  readonly terminates: boolean
}

/**
 * Cuts what a client sends into whole messages, however they were split over chunks: the database reads to the end of
 * a message that it has begun and takes missing bytes for the end of the connection.
 */
export class FrontendMessages {
  #chunks: Array<Uint8Array> = []
  #length = 0

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  takeStartup(): Startup | undefined {
    if (this.#length < startupHeaderSize) return undefined
    const bytes = this.#joined()
    const view = viewOf(bytes)
    const size = view.getInt32(0)
    if (size < startupHeaderSize) throw new Error(`a startup packet cannot have ${size} bytes`)
    if (bytes.length < size) return undefined
    this.#keep(bytes.subarray(size))
    return view.getInt32(4) === sslRequestCode
      ? { _tag: "EncryptionRequest" }
      : { _tag: "StartupPacket", packet: bytes.subarray(0, size) }
  }

  takeMessages(): MessageRun | undefined {
    if (this.#length < this.#needed) return undefined
    const bytes = this.#joined()
    const view = viewOf(bytes)
    let end = 0
    let lastType = 0
    let terminates = false
    this.#needed = messageHeaderSize
    while (bytes.length - end >= messageHeaderSize) {
      const size = 1 + view.getInt32(end + 1)
      if (size < messageHeaderSize) throw new Error(`a message cannot have ${size} bytes`)
      const type = view.getUint8(end)
      if (type === terminate) {
        terminates = true
        break
      }
      if (bytes.length - end < size) {
        this.#needed = size
        break
      }
      lastType = type
      end += size
    }
    if (end === 0 && !terminates) return undefined
    this.#keep(bytes.subarray(end))
    return {
      bytes: bytes.subarray(0, end),
      endsExchange: lastType === sync || lastType === query,
      terminates
    }
  }

  /** How much there must be before joining the chunks again is worth it, so that many small chunks stay cheap. */
  #needed = messageHeaderSize

  #joined(): Uint8Array {
    const [first] = this.#chunks
    if (first !== undefined && this.#chunks.length === 1) return first
    const joined = Buffer.concat(this.#chunks, this.#length)
    this.#chunks = [joined]
    return joined
  }

  #keep(rest: Uint8Array): void {
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#length = rest.length
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const encoder = new TextEncoder()

/** A simple query, as a client sends it. */
export const encodeQuery = (sql: string): Uint8Array => {
  const text = encoder.encode(sql)
  const bytes = new Uint8Array(messageHeaderSize + text.length + 1)
  bytes[0] = query
  viewOf(bytes).setInt32(1, bytes.length - 1)
  bytes.set(text, messageHeaderSize)
  return bytes
}

export const encodedSync: Uint8Array = Uint8Array.of(sync, 0, 0, 0, 4)

export const encryptionRefused: Uint8Array<ArrayBuffer> = Uint8Array.of("N".charCodeAt(0))
