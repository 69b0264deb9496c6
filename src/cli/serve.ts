/** `lazyboss serve`: runs the server. */
import { ByteSize, Config, Duration, Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { largestBatchBody } from "../domain/api/Conventions.ts"
import type { LogFormat } from "../server/logs/Logs.ts"
import { dataDir, databaseUrl, defaultDataDir, Text } from "./storeFlags.ts"

const PortNumber = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: 65_535 }, { message: "a port is a number from 0 to 65535" })
)
const BodySize = Schema.ByteSizeFromString.check(
  Schema.makeFilter(
    (size) =>
      ByteSize.between(size, { minimum: ByteSize.kibibytes(1), maximum: largestBatchBody }) ||
      "must be 1 KiB to 16 MiB"
  )
)

// Whoever looks at a terminal is a person; what is redirected is read by a program, or later.
const defaultFormat: LogFormat = process.stderr.isTTY ? "pretty" : "json"
const formats = ["pretty", "json"] as const satisfies ReadonlyArray<LogFormat>
const levels = ["error", "warn", "info", "debug", "trace", "none"] as const
const levelsByName = {
  error: "Error",
  warn: "Warn",
  info: "Info",
  debug: "Debug",
  trace: "Trace",
  none: "None"
} as const

const settings = {
  port: Flag.Int("port").pipe(
    Flag.withDescription("The port to listen on; 0 takes a free one (PORT)"),
    Flag.withSchema(PortNumber),
    Flag.withFallbackConfig(Config.schema(PortNumber, "PORT")),
    Flag.withDefault(8080)
  ),
  host: Flag.String("host").pipe(
    Flag.withDescription("The address to listen on (HOST)"),
    Flag.withSchema(Text),
    Flag.withFallbackConfig(Config.schema(Text, "HOST")),
    Flag.withDefault("127.0.0.1")
  ),
  databaseUrl,
  dataDir: dataDir.pipe(Flag.withDefault(defaultDataDir)),
  maxBody: Flag.String("max-body").pipe(
    Flag.withDescription("The largest body of one job, result or error, up to 16 MiB (LAZYBOSS_MAX_BODY)"),
    Flag.withSchema(BodySize),
    Flag.withFallbackConfig(Config.schema(BodySize, "LAZYBOSS_MAX_BODY")),
    Flag.withDefault(ByteSize.mebibytes(1))
  ),
  isOpenToAll: Flag.Boolean("open").pipe(
    Flag.withDescription("Let anyone who can reach the address use the server (LAZYBOSS_OPEN)"),
    Flag.withFallbackConfig(Config.Boolean("LAZYBOSS_OPEN")),
    Flag.withDefault(false)
  ),
  logFormat: Flag.Literals("log-format", formats).pipe(
    Flag.withDescription(
      "How the log is written; pretty on a terminal and json elsewhere, unless given (LAZYBOSS_LOG_FORMAT)"
    ),
    Flag.withFallbackConfig(Config.Literals(formats, "LAZYBOSS_LOG_FORMAT")),
    Flag.withDefault(defaultFormat)
  ),
  logLevel: Flag.Literals("log-level", levels).pipe(
    Flag.withDescription("What is less severe is not logged (LAZYBOSS_LOG_LEVEL)"),
    Flag.withFallbackConfig(Config.Literals(levels, "LAZYBOSS_LOG_LEVEL")),
    Flag.withDefault("info"),
    Flag.map((name) => levelsByName[name])
  )
}

// A stop that hangs, on a database that no longer answers for example, is cut off. That is as good an end as any other:
// what was acknowledged is on disk, and nothing else was.
const cutOffLongStops = Effect.sync(() => {
  const exit = Effect.delay(
    Effect.sync(() => process.exit(0)),
    Duration.seconds(9)
  )
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => Effect.runFork(exit))
})

export const serve = Command.make("serve", settings, (given) =>
  Effect.gen(function* () {
    const server = yield* Effect.promise(() => import("../server/Server.ts"))
    yield* cutOffLongStops
    yield* server.serve(given)
  })
).pipe(
  Command.withDescription("Run the server"),
  Command.withExamples([
    { command: "lazyboss serve", description: "Run on an embedded PostgreSQL in .lazyboss" },
    {
      command: "DATABASE_URL=postgres://localhost/jobs lazyboss serve --port 9000",
      description: "Run on a PostgreSQL"
    }
  ])
)
