/** What all endpoints have in common: the forms of their answers, the limits of their bodies, the problems of any. */
import { ByteSize, Context, Duration, Schema } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { DurationText } from "../Duration.ts"
import {
  InternalFailure,
  InvalidRequest,
  NotAcceptable,
  PayloadTooLarge,
  RequestTimeout,
  Unavailable,
  UnsupportedMediaType
} from "../Errors.ts"

export const json = "application/json"
export const eventStream = "text/event-stream"
export const plainText = "text/plain"

/** The media types that an endpoint can answer with, the preferred one first. */
export const Produces = Context.Reference<ReadonlyArray<string>>("lazyboss/domain/api/Produces", {
  defaultValue: () => [json]
})

/** The largest body that carries a batch, and the most that any other may be allowed to have. */
export const largestBatchBody = ByteSize.mebibytes(16)

/** The most items of an array body. */
export const largestBatch = 1_000

/** Holds requests to the contract, and turns what does not fit it into problem documents. */
export class Conventions extends HttpApiMiddleware.Service<Conventions>()("lazyboss/domain/api/Conventions", {
  error: [
    InvalidRequest,
    NotAcceptable,
    RequestTimeout,
    PayloadTooLarge,
    UnsupportedMediaType,
    InternalFailure,
    Unavailable
  ]
}) {}

/** How long to hold an answer. */
export const Wait = (longest: Duration.Duration, asText: string) =>
  DurationText.check(
    Schema.makeFilter((wait) => Duration.isLessThanOrEqualTo(wait, longest) || `must be at most ${asText}`)
  )

/** How many items a page is to have. */
export const PageLimit = Schema.FiniteFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 1, maximum: 1_000 }, { message: "must be 1 to 1000" })
)
