/** Runs PostgreSQL in a worker thread, and replaces the thread when it fails. */
import type { Duplex } from "node:stream"
import { Worker } from "node:worker_threads"
import { describeCause } from "./describeCause.ts"
import { DatabaseConnection, type SessionLink } from "./DatabaseConnection.ts"
import type { FromDatabase, ThreadData, ToDatabase } from "./threadMessages.ts"

export interface DatabaseThreadOptions {
  readonly clusterDirectory: string
  readonly onLog: (line: string) => void
  /** Called when the thread has ended although nobody asked it to. */
  readonly onCrash: (reason: string) => void
  /** How long a statement that nobody waits for any more may go on. */
  readonly grace: () => Promise<void>
}

/** The module runs both as it is written and as it is compiled; only its name's end differs. */
export const startThread = (name: string, workerData: typeof ThreadData.Type): Worker =>
  new Worker(new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url), {
    workerData
  })

interface Session {
  readonly connection: DatabaseConnection
  readonly ended: () => void
}

interface Running {
  readonly worker: Worker
  readonly sessions: Map<number, Session>
  readonly started: Promise<void>
  readonly ended: Promise<void>
  /** As `kill -9`: PostgreSQL recovers from its log when it is started again. */
  readonly kill: (reason: string) => Promise<void>
}

/**
 * The database's thread seen from the server. It is started with the first session that needs it, and again after it
 * has crashed; two never run at once, they would destroy each other's files. Sessions take turns.
 */
export class DatabaseThread {
  readonly #options: DatabaseThreadOptions
  #running: Running | undefined
  #lastSession = 0
  #free: Promise<void> = Promise.resolve()
  #stopping = false

  constructor(options: DatabaseThreadOptions) {
    this.#options = options
  }

  start(): Promise<void> {
    return this.#run().started
  }

  connect(): Duplex {
    return new DatabaseConnection((connection) => this.#openSession(connection))
  }

  /** Lets the current statement end, then PostgreSQL shut down. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#running === undefined) return
    tell(this.#running.worker, { _tag: "Shutdown" })
    await this.#running.ended
  }

  async kill(): Promise<void> {
    await this.#running?.kill("it did not shut down in time")
  }

  #run(): Running {
    if (this.#stopping) throw new Error("the embedded database is shutting down")
    this.#running ??= this.#launch()
    return this.#running
  }

  #launch(): Running {
    const worker = startThread("databaseWorker", { clusterDirectory: this.#options.clusterDirectory })
    const started = Promise.withResolvers<void>()
    // A failed start is told to whoever waits for it; it is no failure of the process if nobody does.
    started.promise.catch(() => {})
    const ended = Promise.withResolvers<void>()
    const sessions = new Map<number, Session>()
    let reason = "its thread was ended"
    let up = false
    worker.on("message", (message: FromDatabase) => {
      switch (message._tag) {
        case "Started":
          up = true
          return started.resolve()
        case "Log":
          return this.#options.onLog(message.line)
        case "Answer":
          return sessions.get(message.session)?.connection.answer(message.bytes)
        case "Handled":
          return sessions.get(message.session)?.connection.handled()
        case "SessionEnded":
          sessions.get(message.session)?.ended()
          sessions.delete(message.session)
          return
        case "Failed":
          reason = message.reason
      }
    })
    worker.on("error", (cause) => {
      reason = describeCause(cause)
    })
    worker.on("exit", () => {
      this.#running = undefined
      started.reject(new Error(reason))
      for (const { connection, ended } of sessions.values()) {
        connection.destroy(new Error(`the embedded database has stopped: ${reason}`))
        ended()
      }
      if (up && !this.#stopping) this.#options.onCrash(reason)
      ended.resolve()
    })
    const kill = async (why: string): Promise<void> => {
      reason = why
      await worker.terminate()
    }
    return { worker, sessions, started: started.promise, ended: ended.promise, kill }
  }

  async #openSession(connection: DatabaseConnection): Promise<SessionLink> {
    const before = this.#free
    const ended = Promise.withResolvers<void>()
    this.#free = ended.promise
    await before
    try {
      return this.#link({ connection, ended: ended.resolve })
    } catch (cause) {
      ended.resolve()
      throw cause
    }
  }

  #link(session: Session): SessionLink {
    const running = this.#run()
    const { worker, sessions } = running
    const id = ++this.#lastSession
    sessions.set(id, session)
    return {
      send: (chunk) => {
        // A copy, for the chunk may be a part of a pool that must stay here.
        const bytes = new Uint8Array(chunk)
        worker.postMessage({ _tag: "Bytes", session: id, bytes } satisfies ToDatabase, [bytes.buffer])
      },
      close: (busy) => {
        tell(worker, { _tag: "SessionClosed", session: id })
        if (busy) void this.#endAbandoned(running, id)
      }
    }
  }

  /** No signal reaches a statement inside WebAssembly, so that ending the thread is the one way to cancel it. */
  async #endAbandoned(running: Running, session: number): Promise<void> {
    await this.#options.grace()
    if (running.sessions.has(session)) await running.kill("a statement was cancelled that went on and on")
  }
}

const tell = (worker: Worker, message: ToDatabase): void => worker.postMessage(message, [])
