/** Holds every endpoint to the contract's conventions: what it can answer with, and what it takes. */
import { Context, Effect, Layer, type Schema, type Types } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiError } from "effect/http-api"
import Negotiator from "negotiator"
import { Conventions, Produces } from "../../domain/api/Conventions.ts"
import { type InternalFailure, InvalidRequest, NotAcceptable } from "../../domain/Errors.ts"
import { inputIssuesOf, unknownField } from "../../domain/inputIssues.ts"
import { lookalikesOf } from "./Routes.ts"
import { fromIssues, fromSchemaError, internalFailure, refuseMethod } from "./Problems.ts"

// All answers are in UTF-8, so whoever asks for that in so many words accepts them no less.
const charsetUtf8 = /;\s*charset\s*=\s*(utf-8|"utf-8")\s*(?=[;,]|$)/gi

/** Which of the media types the caller prefers; undefined if it accepts none of them. */
export const negotiate = (
  request: HttpServerRequest.HttpServerRequest,
  offers: ReadonlyArray<string>
): string | undefined => {
  const accept = request.headers["accept"]?.replace(charsetUtf8, "")
  return accept === undefined || accept === ""
    ? offers[0]
    : new Negotiator({ headers: { accept } }).mediaType([...offers])
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

// To a schema, what is given twice is a list where a text is wanted, which says little to whoever gave it.
const queryProblem = (cause: Schema.SchemaError) =>
  Effect.flatMap(HttpServerRequest.ParsedSearchParams, (given) =>
    Effect.fail(
      fromIssues(
        inputIssuesOf(cause).map((issue) =>
          Array.isArray(given[issue.path]) && issue.message !== unknownField
            ? { ...issue, message: "is given more than once" }
            : issue
        )
      )
    )
  )

const toProblem = (
  error: Types.unhandled | HttpApiError.HttpApiSchemaError
): Effect.Effect<
  never,
  Types.unhandled | InvalidRequest | InternalFailure,
  HttpServerRequest.ParsedSearchParams
> => {
  if (!HttpApiError.HttpApiSchemaError.is(error)) return Effect.fail(error)
  if (error.kind === "Query") return queryProblem(error.cause)
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

// What depends on the endpoint alone is found out once, not for each request.
export const ConventionsLive = Layer.succeed(Conventions, (httpEffect, { endpoint }) => {
  const answer = Effect.catch(httpEffect, toProblem)
  const checked = Effect.andThen(
    refuseOtherWishes(Context.get(endpoint.annotations, Produces)),
    endpoint.query === undefined ? Effect.andThen(refuseParameters, answer) : answer
  )
  const lookalikes = lookalikesOf(endpoint.path)
  if (lookalikes.size === 0) return checked
  // Another address that looks like one of this endpoint takes methods of its own.
  return Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) => {
    const [path = url] = url.split("?", 1)
    const methods = lookalikes.get(path)
    return methods === undefined || methods.has(method) ? checked : refuseMethod(methods)
  })
})
