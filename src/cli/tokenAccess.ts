/** The way to the tokens: straight into the store if no server has it to itself, and over HTTP otherwise. */
import { Context, Effect, Layer, Logger, Option, Redacted, References, Schema } from "effect"
import { LazybossClient } from "../client/LazybossClient.ts"
import type { SupervisorNeeded, TokenExists, TokenNotFound, TooManyTokens } from "../domain/Errors.ts"
import { type Role, Token } from "../domain/access/Token.ts"
import { Tokens } from "../domain/access/Tokens.ts"
import { findServer, hasStore, LocalTokensLive } from "../server/LocalTokens.ts"
import { type AnyError, explain, kindOf } from "./server/asking.ts"
import { defaultDataDir } from "./storeFlags.ts"
import { CommandError } from "./CommandError.ts"

/** What the command line says of the way. */
export interface Given {
  readonly url: Option.Option<string>
  readonly token: Option.Option<Redacted.Redacted>
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  readonly dataDir: Option.Option<string>
  /** Whether a store is to be made where there is none: not by whoever only looks, and has mistyped its place. */
  readonly mayMakeStore: boolean
}

/** A token as it is written. */
type WrittenToken = typeof Token.Encoded

/** What can be done with tokens, whichever the way. */
export interface TokenAccess {
  readonly create: (name: string, role: Role) => Effect.Effect<Redacted.Redacted, CommandError>
  readonly list: Effect.Effect<ReadonlyArray<WrittenToken>, CommandError>
  readonly revoke: (name: string) => Effect.Effect<void, CommandError>
}

const write = Schema.encodeSync(Token)

type Refusal = TokenExists | TokenNotFound | TooManyTokens | SupervisorNeeded

const inStore = (settings: { readonly databaseUrl: Given["databaseUrl"]; readonly dataDir: string }) =>
  Effect.map(Layer.build(LocalTokensLive(settings)), (context): TokenAccess => {
    const tokens = Context.get(context, Tokens)
    const refused = Effect.mapError(
      ({ message, status }: Refusal) => new CommandError({ kind: kindOf(status), message })
    )
    return {
      create: (name, role) => refused(Effect.map(tokens.create(name, role), ({ secret }) => secret)),
      list: Effect.sync(() =>
        tokens.current().map(({ createdAt, name, role }) => write({ name, role, createdAt }))
      ),
      revoke: (name) => refused(tokens.revoke(name))
    }
  })

const overHttp = (given: Given, url: string) => {
  const client = LazybossClient.layer({ url, token: Option.getOrUndefined(given.token) })
  const explained = Effect.mapError((error: AnyError) => explain(error, { url, token: given.token }))
  return Effect.map(Layer.build(client), (context): TokenAccess => {
    const { tokens } = Context.get(context, LazybossClient)
    return {
      create: (name, role) =>
        explained(
          Effect.map(tokens.create({ payload: { name, role } }), ({ token }) => Redacted.make(token))
        ),
      list: explained(Effect.map(tokens.list(), (all) => all.map((token) => write(token)))),
      revoke: (name) => explained(tokens.revoke({ params: { name } }))
    }
  })
}

// Never another server than the one that has the store: it would be told a secret that is not its own.
const throughServerOf = (given: Given, dataDir: string) =>
  Option.match(
    Option.orElse(given.url, () => findServer(dataDir)),
    {
      onSome: (url) => overHttp(given, url),
      onNone: () =>
        Effect.fail(
          new CommandError({
            kind: "failed",
            message: `another process has ${dataDir} to itself: if it is a server, say where it listens with --url`
          })
        )
    }
  )

// Whoever names a server and no store means the server.
const open = (given: Given) => {
  const dataDir = Option.getOrElse(given.dataDir, () => defaultDataDir)
  if (Option.isNone(given.databaseUrl)) {
    if (Option.isSome(given.url) && Option.isNone(given.dataDir)) return overHttp(given, given.url.value)
    if (!given.mayMakeStore && !hasStore(dataDir)) {
      return Effect.fail(new CommandError({ kind: "failed", message: `there is no database in ${dataDir}` }))
    }
  }
  return inStore({ databaseUrl: given.databaseUrl, dataDir }).pipe(
    Effect.catchTag("DataDirectoryInUse", () => throughServerOf(given, dataDir))
  )
}

/** Does something with the tokens. Only what goes wrong is logged, to standard error. */
export const withTokens = <A, E>(given: Given, use: (tokens: TokenAccess) => Effect.Effect<A, E>) =>
  Effect.flatMap(open(given), use).pipe(
    Effect.scoped,
    Effect.provide([
      Layer.succeed(Logger.LogToStderr, true),
      Layer.succeed(References.MinimumLogLevel, "Warn")
    ])
  )

/** A table for people, a token a line. */
export const toLines = (tokens: ReadonlyArray<WrittenToken>): ReadonlyArray<string> => {
  const width = Math.max(0, ...tokens.map(({ name }) => name.length))
  return tokens.map(({ createdAt, name, role }) => `${name.padEnd(width)}  ${role.padEnd(10)}  ${createdAt}`)
}
