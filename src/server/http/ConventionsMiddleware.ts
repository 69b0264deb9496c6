/** Holds every endpoint to the contract's conventions: what it can answer with, and what it takes. */
import { Context, Effect, Layer, type Types } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiError } from "effect/http-api"
import Negotiator from "negotiator"
import { Conventions, Produces } from "../../domain/api/Conventions.ts"
import { InternalFailure, InvalidRequest, NotAcceptable } from "../../domain/Errors.ts"
import { fromSchemaError } from "./Problems.ts"

/** Which of the media types the caller prefers; undefined if it accepts none of them. */
export const negotiate = (
  request: HttpServerRequest.HttpServerRequest,
  offers: ReadonlyArray<string>
): string | undefined => {
  const { accept } = request.headers
  return accept === undefined ? offers[0] : new Negotiator({ headers: { accept } }).mediaType([...offers])
}

export const ConventionsLive = Layer.succeed(Conventions, (httpEffect, { endpoint }) => {
  const offers = Context.get(endpoint.annotations, Produces)
  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (negotiate(request, offers) === undefined) {
      return yield* new NotAcceptable({ detail: `this address answers with ${offers.join(" or ")}` })
    }
    // A parameter that is mistyped or in the wrong place must not be ignored.
    const parameters = Object.keys(yield* HttpServerRequest.ParsedSearchParams)
    if (endpoint.query === undefined && parameters.length > 0) {
      const errors = parameters.map((path) => ({ path, message: "is not a parameter that is known here" }))
      return yield* new InvalidRequest({
        detail: `unknown query parameters: ${parameters.join(", ")}`,
        errors
      })
    }
    type Failure = Types.unhandled | InvalidRequest | InternalFailure
    return yield* Effect.catch(httpEffect, (error): Effect.Effect<never, Failure> => {
      if (!HttpApiError.HttpApiSchemaError.is(error)) return Effect.fail(error)
      return error.kind === "Body" || error.kind === "ResponseHeaders"
        ? Effect.andThen(
            Effect.logError("an answer did not fit the contract", error.cause),
            Effect.fail(new InternalFailure())
          )
        : Effect.fail(fromSchemaError(error.cause))
    })
  })
})
