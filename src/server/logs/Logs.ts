/** The log of the server, on standard error. */
import { Effect, Latch, Layer, Logger, type LogLevel, References } from "effect"
import * as LogFlood from "./LogFlood.ts"
import * as logLines from "./logLines.ts"

export type LogFormat = "pretty" | "json"

export interface LogSettings {
  readonly logFormat: LogFormat
  /** What is less severe is not logged. */
  readonly logLevel: LogLevel.LogLevel
}

/** What was left out is told after this time. */
const period = "1 second"

// What varies from line to line is in the fields.
const kindOf = (message: unknown): string => {
  const first: unknown = Array.isArray(message) ? message[0] : message
  return typeof first === "string" ? first : "others"
}

/** A logger that keeps a flood out of another one, and says how much it has left out. */
export const withoutFloods = Effect.fnUntraced(function* (logger: Logger.Logger<unknown, void>) {
  const flood = LogFlood.make()
  const isLeftOut = yield* Latch.make(false)

  const tellLeftOut = Effect.suspend(() => {
    isLeftOut.closeUnsafe()
    const leftOut = flood.takeLeftOut()
    return Object.keys(leftOut).length === 0
      ? Effect.void
      : Effect.logWarning("lines were left out").pipe(
          Effect.annotateLogs({ leftOut }),
          Effect.provideService(Logger.CurrentLoggers, new Set([logger])),
          Effect.provideService(References.MinimumLogLevel, "All")
        )
  })
  yield* isLeftOut.await.pipe(
    Effect.andThen(Effect.sleep(period)),
    Effect.andThen(tellLeftOut),
    Effect.forever,
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() => tellLeftOut)

  return Logger.make<unknown, void>((line) => {
    if (flood.admits(kindOf(line.message), line.date.getTime())) return logger.log(line)
    isLeftOut.openUnsafe()
  })
})

const isColored = (): boolean => process.stderr.isTTY && (process.env["NO_COLOR"] ?? "") === ""

/** Logs in this format whatever is at least of this level. */
export const layer = ({ logFormat, logLevel }: LogSettings): Layer.Layer<never> =>
  Layer.merge(
    Logger.layer([
      withoutFloods(
        Logger.withConsoleError(logFormat === "json" ? logLines.json : logLines.pretty(isColored()))
      )
    ]),
    Layer.succeed(References.MinimumLogLevel, logLevel)
  )
