/** The thread in which PostgreSQL runs, so that a statement never holds up the server. It serves one session at a time. */
import * as Schema from "effect/Schema"
import { parentPort, workerData } from "node:worker_threads"
import { describeCause } from "./describeCause.ts"
import { encryptionRefused, FrontendMessages } from "./frontendMessages.ts"
import { startPostgres } from "./postgresProcess.ts"
import { ProtocolEngine } from "./ProtocolEngine.ts"
import { ThreadData, type FromDatabase, type ToDatabase } from "./threadMessages.ts"
import { WriteAheadLog } from "./WriteAheadLog.ts"

interface Session {
  readonly id: number
  readonly messages: FrontendMessages
  started: boolean
  closed: boolean
}

const tell = (message: FromDatabase): void => parentPort?.postMessage(message, [])

const tellAnswer =
  (session: number) =>
  (bytes: Uint8Array<ArrayBuffer>): void =>
    parentPort?.postMessage({ _tag: "Answer", session, bytes } satisfies FromDatabase, [bytes.buffer])

let lastWords: string | undefined

/** Ends the thread as a crash ends a process: nothing more is written, and the next one recovers from the log. */
const crash = (cause: unknown): never => {
  tell({ _tag: "Failed", reason: lastWords ?? describeCause(cause) })
  process.exit(1)
}

const orCrash = <A>(run: () => A): A => {
  try {
    return run()
  } catch (cause) {
    return crash(cause)
  }
}

const { clusterDirectory } = Schema.decodeUnknownSync(ThreadData)(workerData)
const log = new WriteAheadLog()
const postgres = await startPostgres({
  clusterDirectory,
  onSync: (path) => log.synced(path),
  onLog: ({ text, isFatal }) => {
    if (isFatal) lastWords = text
    tell({ _tag: "Log", line: text })
  }
}).catch(crash)
const engine = new ProtocolEngine(postgres)

let current: Session | undefined

const receive = (message: ToDatabase): void => {
  switch (message._tag) {
    case "Bytes":
      current ??= { id: message.session, messages: new FrontendMessages(), started: false, closed: false }
      return serve(current, message.bytes)
    case "SessionClosed":
      if (current?.id === message.session) close(current)
      current = undefined
      return tell({ _tag: "SessionEnded", session: message.session })
    case "Shutdown":
      void shutdown()
  }
}

const serve = (session: Session, bytes: Uint8Array): void => {
  session.messages.push(bytes)
  while (!session.started) {
    const startup = session.messages.takeStartup()
    if (startup === undefined) break
    if (startup._tag === "EncryptionRequest") tellAnswer(session.id)(encryptionRefused.slice())
    else {
      engine.startSession(startup.packet, tellAnswer(session.id))
      session.started = true
    }
  }
  const run = session.started ? session.messages.takeMessages() : undefined
  if (run !== undefined && run.bytes.length > 0) engine.execute(run.bytes, tellAnswer(session.id))
  tell({ _tag: "Handled", session: session.id })
  if (run?.terminates === true) close(session)
  else if (run?.endsExchange === true) keepLogShort()
}

/** At the client's goodbye, or when its connection has gone, whichever is first. */
const close = (session: Session): void => {
  if (session.started && !session.closed) engine.endSession()
  session.closed = true
}

/** PostgreSQL in one process has no checkpointer: without this its log grows until the server stops. */
const keepLogShort = (): void => {
  if (!log.isLong() || engine.isInTransaction()) return
  log.shorten()
  engine.checkpoint()
}

const shutdown = async (): Promise<void> => {
  await postgres.close()
  process.exit(0)
}

parentPort?.on("message", (message: ToDatabase) => orCrash(() => receive(message)))
tell({ _tag: "Started" })
