/** A typed client of the HTTP API, derived from the contract. */
import { Context, Layer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../domain/api/Api.ts"

/** Where the server is, and who is calling. */
export interface ClientOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  /** The caller's name or token. Claiming and reporting need it. */
  readonly identity?: string | undefined
}

const identify = (identity: string | undefined) => (request: HttpClientRequest.HttpClientRequest) =>
  identity === undefined ? request : HttpClientRequest.bearerToken(request, identity)

/** Makes a client: a method for every endpoint of the contract, by group. */
export const make = (options: ClientOptions) =>
  HttpApiClient.make(Api, {
    baseUrl: options.url,
    transformClient: HttpClient.mapRequest(identify(options.identity))
  })

export class LazybossClient extends Context.Service<LazybossClient, HttpApiClient.ForApi<typeof Api>>()(
  "lazyboss/client/LazybossClient"
) {
  static readonly layer = (options: ClientOptions) =>
    Layer.effect(LazybossClient, make(options)).pipe(Layer.provide(FetchHttpClient.layer))
}
