/** The driver's end of the way to the database's thread. */
import { Duplex } from "node:stream"
import { isCancelRequest } from "./frontendMessages.ts"

/** Where a connection's bytes go. */
export interface SessionLink {
  readonly send: (bytes: Uint8Array) => void
  /** Busy: an answer is owed, so that the thread may be in the middle of a statement. */
  readonly close: (busy: boolean) => void
}

/**
 * A connection to the database's thread, to be used like a socket. Answers are pushed as they come: a statement inside
 * WebAssembly cannot be told to wait, so that holding them back would only move them to another queue.
 */
export class DatabaseConnection extends Duplex {
  readonly #open: (connection: DatabaseConnection) => Promise<SessionLink>
  #link: SessionLink | undefined
  #unanswered = 0

  constructor(open: (connection: DatabaseConnection) => Promise<SessionLink>) {
    super({ allowHalfOpen: false })
    this.#open = open
  }

  answer(bytes: Uint8Array): void {
    if (!this.readableEnded) this.push(bytes)
  }

  handled(): void {
    this.#unanswered--
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    if (this.#link !== undefined) {
      this.#send(this.#link, chunk)
      done()
    } else if (isCancelRequest(chunk)) {
      // The thread is busy with the very statement, and hears nothing until it is through.
      done()
      this.destroy()
    } else {
      void this.#begin(chunk).then(() => done(), done)
    }
  }

  override _final(done: (error?: Error) => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // After `end` the last bytes are on their way, so that an orderly goodbye never looks busy.
    this.#link?.close(this.#unanswered > 0 && !this.writableFinished)
    this.#link = undefined
    done(error)
  }

  async #begin(chunk: Uint8Array): Promise<void> {
    const link = await this.#open(this)
    if (this.destroyed) return link.close(false)
    this.#link = link
    this.#send(link, chunk)
  }

  #send(link: SessionLink, chunk: Uint8Array): void {
    this.#unanswered++
    link.send(chunk)
  }
}
