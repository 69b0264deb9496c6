/** Reads bodies, within the limits of the contract. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { ByteSize, Context, Duration, Effect, Exit, Layer, Option, Predicate, Result, Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { largestBatchBody } from "../../domain/api/Conventions.ts"
import { Deadlines } from "../../domain/Deadlines.ts"
import {
  type InvalidRequest,
  PayloadTooLarge,
  RequestTimeout,
  UnsupportedMediaType
} from "../../domain/Errors.ts"
import { deepestNesting, isNestedWithin } from "../../domain/Json.ts"
import { fromSchemaError, invalid } from "./Problems.ts"

/** The largest body of an ordinary request. */
export const LargestBody = Context.Reference<ByteSize.ByteSize>("lazyboss/server/http/LargestBody", {
  defaultValue: () => ByteSize.mebibytes(1)
})

/** A body that is not there after this time is not waited for. Only the progress of an attempt may take longer. */
const longestReading = Duration.seconds(60)

/** Within a batch an outcome names its job and attempt, beside what would be all of its body if it were sent alone. */
const naming = 1_024

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** The parts of a `Content-Type`: the media type in small letters, and its parameters as they are. */
const contentType = ({ headers }: HttpServerRequest.HttpServerRequest) => {
  const [type = "", ...parameters] = (headers["content-type"] ?? "").split(";")
  return { type: type.trim().toLowerCase(), parameters }
}

// US-ASCII is a part of UTF-8. Whoever says something else means other characters than those that would be read.
const foreignCharset = (parameters: ReadonlyArray<string>): string | undefined =>
  parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^\s"]*)/i.exec(parameter)?.[1])
    .find((charset) => charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset))

// A body without a type is not taken: a page on the web could send one to this machine without being asked for consent.
const isJson = (type: string) => type === "application/json" || /^application\/[\w.-]+\+json$/.test(type)

/** Refuses a body that is not of the one media type that is taken here. */
export const requireMediaType = (
  request: HttpServerRequest.HttpServerRequest,
  isTaken: (type: string) => boolean,
  description: string
): Result.Result<void, UnsupportedMediaType> => {
  const refuse = (detail: string) => Result.fail(new UnsupportedMediaType({ detail }))
  const encoding = request.headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity") {
    return refuse(`bodies are taken as they are, not as ${encoding}`)
  }
  const { parameters, type } = contentType(request)
  if (!isTaken(type)) {
    return refuse(`send the body with Content-Type: ${description}${type === "" ? "" : `, not ${type}`}`)
  }
  const charset = foreignCharset(parameters)
  return charset === undefined
    ? Result.succeed(undefined)
    : refuse(`bodies are taken in UTF-8, not in ${charset}`)
}

const tooLarge = (limit: ByteSize.ByteSize) =>
  new PayloadTooLarge({ detail: `the body may have at most ${limit} bytes` })

const tooLate = new RequestTimeout({ detail: "the body was not there after a minute" })

// Not by the request's own means: to give that up is to break the reading off, which closes the connection before the
// answer is given.
const readBytes = (
  request: HttpServerRequest.HttpServerRequest,
  limit: ByteSize.ByteSize,
  deadlines: Deadlines["Service"]
): Effect.Effect<Uint8Array, InvalidRequest | PayloadTooLarge | RequestTimeout> => {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Effect.fail(tooLarge(limit))
  return Effect.callback((resume) => {
    const source = NodeHttpServerRequest.toIncomingMessage(request)
    const chunks: Array<Uint8Array> = []
    let size = 0
    const settle = (outcome: Exit.Exit<Uint8Array, InvalidRequest | PayloadTooLarge | RequestTimeout>) => {
      stop()
      resume(outcome)
    }
    const onData = (chunk: Uint8Array) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) settle(Exit.fail(tooLarge(limit)))
    }
    const onEnd = () => settle(Exit.succeed(Buffer.concat(chunks)))
    const onError = () => settle(Exit.fail(invalid("", "the body broke off")))
    const forgetDeadline = deadlines.set(longestReading, () => settle(Exit.fail(tooLate)))
    const stop = () => {
      forgetDeadline()
      source.off("data", onData).off("end", onEnd).off("error", onError)
    }
    source.on("data", onData).on("end", onEnd).on("error", onError)
    if (request.headers["expect"] !== undefined) {
      NodeHttpServerRequest.toServerResponse(request).writeContinue()
    }
    return Effect.sync(stop)
  })
}

const parse = (bytes: Uint8Array): Result.Result<unknown, InvalidRequest> => {
  const text = Result.try(() => utf8.decode(bytes))
  if (Result.isFailure(text)) return Result.fail(invalid("", "the body is not valid UTF-8"))
  const value = Result.try((): unknown => JSON.parse(text.success))
  if (Result.isFailure(value)) {
    return Result.fail(invalid("", text.success === "" ? "the body is empty" : "the body is not valid JSON"))
  }
  return isNestedWithin(value.success, deepestNesting)
    ? Result.succeed(value.success)
    : Result.fail(invalid("", `the body is nested deeper than ${deepestNesting} levels`))
}

/** The JSON of a body, and how many bytes it has. */
interface Body {
  readonly size: number
  readonly value: unknown
}

/** Why a body is not taken. */
export type BodyError = InvalidRequest | PayloadTooLarge | RequestTimeout | UnsupportedMediaType

const isEmptyObject = (value: unknown): boolean =>
  Predicate.isReadonlyObject(value) && Object.keys(value).length === 0

/** Reads the bodies of requests, all but those of progress. */
export class RequestBodies extends Context.Service<
  RequestBodies,
  {
    /** The body as JSON of whatever shape. */
    readonly readJson: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<unknown, BodyError>
    /** The body as JSON of whatever shape; none if it is empty. */
    readonly readOptionalJson: (
      request: HttpServerRequest.HttpServerRequest
    ) => Effect.Effect<Option.Option<unknown>, BodyError>
    /** Refuses a body that says anything. */
    readonly readNothing: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<void, BodyError>
    /** The body as JSON of whatever shape. An array may be larger than anything else, but its items may not. */
    readonly readBatch: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<unknown, BodyError>
    /** The body as JSON of whatever shape, of which a batch is a part, under a name, so that it may be as large as one. */
    readonly readWithBatch: (
      request: HttpServerRequest.HttpServerRequest,
      name: string
    ) => Effect.Effect<unknown, BodyError>
  }
>()("lazyboss/server/http/RequestBodies") {
  static readonly layer = Layer.effect(
    RequestBodies,
    Effect.gen(function* () {
      const deadlines = yield* Deadlines
      const largestBody = yield* LargestBody

      const readUpTo = (request: HttpServerRequest.HttpServerRequest, limit: ByteSize.ByteSize) =>
        Effect.flatMap(
          readBytes(request, limit, deadlines),
          (bytes): Effect.Effect<Option.Option<Body>, BodyError> =>
            bytes.length === 0
              ? Effect.succeedNone
              : requireMediaType(request, isJson, "application/json").pipe(
                  Result.flatMap(() => parse(bytes)),
                  Result.map((value) => Option.some({ size: bytes.length, value })),
                  Effect.fromResult
                )
        )

      const readOptionalJson = (request: HttpServerRequest.HttpServerRequest) =>
        Effect.map(
          readUpTo(request, largestBody),
          Option.map(({ value }) => value)
        )

      const need = <A>(body: Option.Option<A>) =>
        Option.isSome(body)
          ? Effect.succeed(body.value)
          : Effect.fail(invalid("", "the body is empty, and JSON is needed"))

      const requireFittingItems = (batch: ReadonlyArray<unknown>) => {
        const excess = batch.findIndex(
          (item) => Buffer.byteLength(JSON.stringify(item)) > Number(largestBody) + naming
        )
        return excess === -1
          ? Effect.void
          : Effect.fail(
              new PayloadTooLarge({
                detail: `each item of an array may have at most ${largestBody} bytes, and number ${excess} has more`
              })
            )
      }

      return RequestBodies.of({
        readJson: (request) => Effect.flatMap(readOptionalJson(request), need),
        readOptionalJson,
        readWithBatch: Effect.fnUntraced(function* (request, name) {
          const { size, value } = yield* Effect.flatMap(readUpTo(request, largestBatchBody), need)
          const batch = Predicate.hasProperty(value, name) ? value[name] : undefined
          if (size > largestBody && Array.isArray(batch)) yield* requireFittingItems(batch)
          return value
        }),
        readNothing: Effect.fnUntraced(function* (request) {
          const body = yield* readOptionalJson(request)
          if (Option.isSome(body) && !isEmptyObject(body.value)) {
            return yield* invalid("", "nothing is taken here: send no body, or {}")
          }
        }),
        readBatch: Effect.fnUntraced(function* (request) {
          const { size, value } = yield* Effect.flatMap(readUpTo(request, largestBatchBody), need)
          if (size <= largestBody) return value
          if (!Array.isArray(value)) {
            return yield* new PayloadTooLarge({
              detail: `a body without an array may have at most ${largestBody} bytes`
            })
          }
          yield* requireFittingItems(value)
          return value
        })
      })
    })
  )
}

/** Decodes what a body says; unknown fields are refused, and every mistake is named. */
export const decode = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) => {
  const decodeUnknown = Schema.decodeUnknownResult(schema, { onExcessProperty: "error", errors: "all" })
  return (value: unknown): Effect.Effect<S["Type"], InvalidRequest> =>
    Effect.mapError(Effect.fromResult(decodeUnknown(value)), fromSchemaError)
}
