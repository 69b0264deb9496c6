/** Holds every endpoint to the contract's conventions: what it can answer with, and what it takes. */
import { Context, Effect, Layer, type Types } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiError } from "effect/http-api"
import Negotiator from "negotiator"
import { Conventions, Produces } from "../../domain/api/Conventions.ts"
import { type InternalFailure, InvalidRequest, NotAcceptable } from "../../domain/Errors.ts"
import { methodsOfItsOwn } from "./Addresses.ts"
import { fromSchemaError, internalFailure, refuseMethod } from "./Problems.ts"

/** Which of the media types the caller prefers; undefined if it accepts none of them. */
export const negotiate = (
  request: HttpServerRequest.HttpServerRequest,
  offers: ReadonlyArray<string>
): string | undefined => {
  const { accept } = request.headers
  return accept === undefined ? offers[0] : new Negotiator({ headers: { accept } }).mediaType([...offers])
}

// A parameter that is mistyped or in the wrong place must not be ignored. Where some are known, the schema sees to it.
const refuseParameters = Effect.flatMap(HttpServerRequest.ParsedSearchParams, (given) => {
  const parameters = Object.keys(given)
  const errors = parameters.map((path) => ({ path, message: "is not a parameter that is known here" }))
  return parameters.length === 0
    ? Effect.void
    : Effect.fail(
        new InvalidRequest({ detail: `unknown query parameters: ${parameters.join(", ")}`, errors })
      )
})

const toProblem = (
  error: Types.unhandled | HttpApiError.HttpApiSchemaError
): Effect.Effect<never, Types.unhandled | InvalidRequest | InternalFailure> => {
  if (!HttpApiError.HttpApiSchemaError.is(error)) return Effect.fail(error)
  return error.kind === "Body" || error.kind === "ResponseHeaders"
    ? Effect.andThen(
        Effect.logError("an answer did not fit the contract", error.cause),
        Effect.fail(internalFailure)
      )
    : Effect.fail(fromSchemaError(error.cause))
}

const refuseOtherWishes = (offers: ReadonlyArray<string>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    negotiate(request, offers) === undefined
      ? Effect.fail(new NotAcceptable({ detail: `this address answers with ${offers.join(" or ")}` }))
      : Effect.void
  )

export const ConventionsLive = Layer.succeed(Conventions, (httpEffect, { endpoint }) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) => {
    // An address that looks like that of a job, as `/jobs/actions` does, takes other methods than a job's.
    const methods = methodsOfItsOwn(url)
    return methods !== undefined && !methods.has(method)
      ? refuseMethod(methods)
      : refuseOtherWishes(Context.get(endpoint.annotations, Produces)).pipe(
          Effect.andThen(endpoint.query === undefined ? refuseParameters : Effect.void),
          Effect.andThen(Effect.catch(httpEffect, toProblem))
        )
  })
)
