/** A server of its own for a file of tests: the whole application, listening on a real socket, on the project's store. */
import { afterAll, assert, beforeAll, describe } from "@effect/vitest"
import { Duration, Layer, Logger, LogLevel, ManagedRuntime, References } from "effect"
import { HttpServer } from "effect/http"
import { defaultPolicy, type Policy } from "../../src/domain/policies/Policy.ts"
import { BuiltInPolicy } from "../../src/domain/policies/SupervisorPolicy.ts"
import { MayBeOpen } from "../../src/domain/access/Tokens.ts"
import { ApplicationLive } from "../../src/server/Application.ts"
import { NodeServerLive } from "../../src/server/http/NodeServer.ts"
import { type TestStore, theStore } from "./stores.ts"

export type { TestStore } from "./stores.ts"

/** The default policy with clocks that a test can wait for. */
export const quickPolicy: Policy = {
  ...defaultPolicy,
  maxLost: 2,
  backoff: {
    kind: "fixed",
    initial: Duration.millis(20),
    factor: 1,
    max: Duration.millis(20),
    jitter: 0
  },
  cancelGrace: Duration.millis(600)
}

/** A running server. */
export interface TestServer {
  readonly url: string
  readonly port: number
  /** Stops it, as SIGTERM does. */
  readonly stop: () => Promise<void>
  /** What it has logged as an error so far. A contract test expects none. */
  readonly errors: ReadonlyArray<string>
  /** All that it has logged so far, with all that there is to each line. */
  readonly logs: ReadonlyArray<string>
}

export interface StartOptions {
  /** Whether it is open while it has no tokens. */
  readonly mayBeOpen?: boolean
  /** What is less severe is not logged. */
  readonly logLevel?: LogLevel.LogLevel
}

/** Starts a server on a free port. */
export const start = async (
  store: TestStore,
  policy: Policy,
  { logLevel = "Info", mayBeOpen = true }: StartOptions = {}
): Promise<TestServer> => {
  const errors: Array<string> = []
  const logs: Array<string> = []
  const listen = Logger.make((entry) => {
    const { cause, fiber, logLevel, message } = entry
    logs.push(Logger.formatJson.log(entry))
    // What goes wrong with a job or a worker is what a test lets happen.
    const { job, worker } = fiber.getRef(References.CurrentLogAnnotations)
    if (job !== undefined || worker !== undefined) return
    if (LogLevel.isGreaterThanOrEqualTo(logLevel, "Warn")) errors.push(`${String(message)} ${String(cause)}`)
  })
  const runtime = ManagedRuntime.make(
    ApplicationLive.pipe(
      Layer.provideMerge(NodeServerLive({ host: "127.0.0.1", port: 0 })),
      Layer.provide([Layer.succeed(BuiltInPolicy, policy), Layer.succeed(MayBeOpen, mayBeOpen), store.layer]),
      Layer.provide([Logger.layer([listen]), Layer.succeed(References.MinimumLogLevel, logLevel)])
    )
  )
  const { address } = await runtime.runPromise(HttpServer.HttpServer)
  if (!("port" in address)) return assert.fail("the server does not listen on a port")
  const { port } = address
  return { url: `http://127.0.0.1:${port}`, port, stop: () => runtime.dispose(), errors, logs }
}

/** The server of a suite, which runs while the suite's tests do. */
export interface Server {
  readonly url: string
  readonly port: number
}

/**
 * Declares tests that share one server. They run at the same time, so each must know its own jobs by a type of its
 * own.
 */
export const withServer = (
  name: string,
  tests: (server: Server) => void,
  policy: Policy = quickPolicy
): void => {
  describe(`${name} (${theStore.name})`, { concurrent: true }, () => {
    let running: TestServer | undefined
    const server = () => running ?? assert.fail("the server is not running")
    beforeAll(async () => {
      running = await start(theStore, policy)
    })
    afterAll(async () => {
      await server().stop()
      assert.deepStrictEqual(server().errors, [])
    })
    tests({
      get url() {
        return server().url
      },
      get port() {
        return server().port
      }
    })
  })
}
