/** A typed client of the HTTP API, derived from the contract. */
import { Context, Effect, Layer, type Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../domain/api/Api.ts"

/** Where the server is, and who is calling. */
export interface ClientOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  /**
   * Who is calling. In an open server any name, which claiming and reporting need. With a token its name, or
   * `name/instance` where many processes share it; it need not be given where the token's name will do.
   */
  readonly identity?: string | undefined
  /** The secret of a token, for a server that wants one. */
  readonly token?: string | Redacted.Redacted | undefined
}

/** Says in a request who is calling. */
export const identify =
  ({ identity, token }: ClientOptions) =>
  (request: HttpClientRequest.HttpClientRequest) => {
    if (identity !== undefined && token !== undefined) {
      return HttpClientRequest.basicAuth(request, identity, token)
    }
    const bearer = token ?? identity
    return bearer === undefined ? request : HttpClientRequest.bearerToken(request, bearer)
  }

/** A plain HTTP client that calls this server as this caller, for what the derived client cannot read: streams. */
export const plainClient = (options: ClientOptions) =>
  Effect.map(
    HttpClient.HttpClient,
    HttpClient.mapRequest((request) => identify(options)(HttpClientRequest.prependUrl(request, options.url)))
  )

/** Makes a client: a method for every endpoint of the contract, by group. */
export const make = (options: ClientOptions) =>
  HttpApiClient.make(Api, {
    baseUrl: options.url,
    transformClient: HttpClient.mapRequest(identify(options))
  })

export class LazybossClient extends Context.Service<LazybossClient, HttpApiClient.ForApi<typeof Api>>()(
  "lazyboss/client/LazybossClient"
) {
  static readonly layer = (options: ClientOptions) =>
    Layer.effect(LazybossClient, make(options)).pipe(Layer.provide(FetchHttpClient.layer))
}
