/** What all endpoints have in common: the forms of their answers, the limits of their bodies, the problems of any. */
import { ByteSize, Context, Schema } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
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

/** The most items of a page. */
const largestPage = 1_000

const pageLimits = `must be 1 to ${largestPage}`

/** How many items a page is to have. */
export const PageLimit = Schema.String.check(Schema.isPattern(/^\d{1,4}$/, { message: pageLimits })).pipe(
  Schema.decodeTo(Schema.FiniteFromString),
  Schema.check(Schema.isBetween({ minimum: 1, maximum: largestPage }, { message: pageLimits }))
)
