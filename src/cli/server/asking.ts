/** Asking a server, and saying in one line why it did not answer as wanted. */
import { Effect, Option, type Redacted } from "effect"
import { HttpClientError } from "effect/http"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { type Kind, CommandError } from "../CommandError.ts"

/** What the command line says of the server. */
export interface Connection {
  readonly url: string
  readonly token: Option.Option<Redacted.Redacted>
}

/** Whatever a call may fail with. */
export interface AnyError {
  readonly _tag: string
  readonly message: string
}

/** What an HTTP status other than success means. */
export const kindOf = (status: number): Kind => {
  if (status === 404) return "notFound"
  return status >= 500 ? "away" : "refused"
}

/** A refusal with its HTTP status, in the command line's words. */
export const refusalOf = (status: number, message: string, { token, url }: Connection): CommandError =>
  new CommandError({
    kind: kindOf(status),
    message:
      status === 401 && Option.isNone(token)
        ? `the server at ${url} wants a token: give it with --token or LAZYBOSS_TOKEN`
        : message
  })

/** Nobody answers, or not as a lazyboss would. */
export const connectionErrorOf = (
  error: HttpClientError.HttpClientError,
  { url }: Pick<Connection, "url">
): CommandError =>
  new CommandError({
    kind: "away",
    message:
      error.reason._tag === "TransportError"
        ? `no server answers at ${url}: say where it is with --url or LAZYBOSS_URL, or start one with lazyboss serve`
        : `what answers at ${url} is not a lazyboss of this version`
  })

/** What went wrong with a call, in the command line's words. */
export const explain = (error: AnyError, server: Connection): CommandError => {
  if (error instanceof CommandError) return error
  if (HttpClientError.isHttpClientError(error)) return connectionErrorOf(error, server)
  if (error._tag === "SchemaError") {
    return new CommandError({
      kind: "away",
      message: `what answers at ${server.url} is not a lazyboss of this version`
    })
  }
  const status = "status" in error && typeof error.status === "number" ? error.status : 400
  return refusalOf(status, error.message, server)
}

/** Does something with a server. Whatever it fails with is explained. */
export const asking = <A, E extends AnyError, R>(
  server: Connection,
  ask: (client: typeof LazybossClient.Service) => Effect.Effect<A, E, R>
) =>
  Effect.flatMap(LazybossClient, ask).pipe(
    Effect.provide(LazybossClient.layer({ url: server.url, token: Option.getOrUndefined(server.token) })),
    Effect.mapError((error) => explain(error, server))
  )
