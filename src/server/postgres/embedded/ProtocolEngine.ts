/* oxlint-disable no-underscore-dangle -- the names are those of PostgreSQL's exports */
import type { PGlite } from "@electric-sql/pglite"
import * as Schema from "effect/Schema"
import { encodedSync, encodeQuery } from "./frontendMessages.ts"

type PostgresModule = PGlite["Module"]

const answerSize = 64 * 1024

/** PostgreSQL's `longjmp` out of a failed statement, which this build of it makes by exiting with this status. */
const isStatementError = Schema.is(Schema.Struct({ status: Schema.Literal(100) }))

/**
 * Feeds whole protocol messages to PostgreSQL and collects its answers.
 *
 * PGlite's own `execProtocolRaw` does the same, but it swallows whatever PostgreSQL throws, a PANIC and a trap of the
 * WebAssembly included, and goes on with a database that has given up: after a failed write of the log it would
 * acknowledge what it cannot keep. Here everything but a failed statement comes out, so that the thread can end and
 * PostgreSQL recover from its log. Hence the calls into PGlite's module, which is public but not documented.
 */
export class ProtocolEngine {
  readonly #module: PostgresModule
  #input: Uint8Array = new Uint8Array(0)
  #read = 0
  #answer: Array<Uint8Array> = []
  #answerLength = 0
  #emit: (bytes: Uint8Array<ArrayBuffer>) => void = () => {}

  constructor(postgres: PGlite) {
    const module = postgres.Module
    this.#module = module
    module._pgl_set_rw_cbs(
      module.addFunction((pointer: number, length: number) => this.#give(pointer, length), "ipi"),
      module.addFunction((pointer: number, length: number) => this.#take(pointer, length), "ipi")
    )
  }

  /** Opens a session. The packet's settings are not looked at: there is one user, and one database. */
  startSession(packet: Uint8Array, emit: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#run(packet, emit, () => {
      const refused = this.#module._ProcessStartupPacket(this.#module._pgl_getMyProcPort(), true, true)
      if (refused !== 0) throw new Error("PostgreSQL refused the startup packet")
      this.#module._pgl_sendConnData()
      this.#module._pgl_pq_flush()
    })
  }

  execute(messages: Uint8Array, emit: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#run(messages, emit, () => {
      while (this.#read < messages.length || this.#module._pq_buffer_remaining_data() > 0) this.#nextMessage()
      this.#module._PostgresSendReadyForQueryIfNecessary()
      this.#module._pgl_pq_flush()
    })
  }

  isInTransaction(): boolean {
    return this.#module._IsTransactionBlock() !== 0
  }

  /** Leaves nothing of a session to the next one, whatever it was in the middle of. */
  endSession(): void {
    this.execute(encodedSync, () => {})
    if (this.isInTransaction()) this.execute(encodeQuery("ROLLBACK"), () => {})
    this.execute(encodeQuery("DISCARD ALL"), () => {})
  }

  checkpoint(): void {
    this.execute(encodeQuery("CHECKPOINT"), () => {})
  }

  #run(input: Uint8Array, emit: (bytes: Uint8Array<ArrayBuffer>) => void, run: () => void): void {
    this.#input = input
    this.#read = 0
    this.#emit = emit
    try {
      run()
    } finally {
      // What was said before a PANIC is also for the client.
      this.#sendAnswer()
    }
  }

  #nextMessage(): void {
    const stack = this.#module.stackSave()
    try {
      this.#module._PostgresMainLoopOnce()
    } catch (cause) {
      if (!isStatementError(cause)) throw cause
      this.#module.stackRestore(stack)
      this.#module._PostgresMainLongJmp()
    }
  }

  #give(pointer: number, length: number): number {
    const bytes = this.#input.subarray(this.#read, this.#read + length)
    this.#memory().set(bytes, pointer)
    this.#read += bytes.length
    return bytes.length
  }

  #take(pointer: number, length: number): number {
    this.#answer.push(this.#memory().slice(pointer, pointer + length))
    this.#answerLength += length
    if (this.#answerLength >= answerSize) this.#sendAnswer()
    return length
  }

  #sendAnswer(): void {
    if (this.#answerLength === 0) return
    // Not from Node's pool: the bytes are handed over with their buffer.
    const bytes = new Uint8Array(this.#answerLength)
    let offset = 0
    for (const part of this.#answer) {
      bytes.set(part, offset)
      offset += part.length
    }
    this.#answer = []
    this.#answerLength = 0
    this.#emit(bytes)
  }

  /** Asked for each time, for it is another one after the memory has grown. */
  #memory(): Uint8Array {
    const memory: unknown = this.#module["HEAPU8"]
    if (memory instanceof Uint8Array) return memory
    throw new Error("this version of PGlite keeps its memory elsewhere")
  }
}
