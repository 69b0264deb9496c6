/** Finds out who is calling. */
import { Effect, Layer, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import {
  CurrentCaller,
  CurrentWorker,
  Identification,
  WorkerIdentification
} from "../../domain/api/Identification.ts"
import { Authenticator } from "../../domain/Caller.ts"
import { Unauthenticated } from "../../domain/Errors.ts"

export const IdentificationLive = Layer.effect(
  Identification,
  Effect.gen(function* () {
    const authenticator = yield* Authenticator
    return Identification.of((httpEffect) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const caller = yield* authenticator.identify(Option.fromUndefinedOr(request.headers["authorization"]))
        return yield* Effect.provideService(httpEffect, CurrentCaller, caller)
      })
    )
  })
)

export const WorkerIdentificationLive = Layer.succeed(WorkerIdentification, (httpEffect) =>
  Effect.gen(function* () {
    const { name } = yield* CurrentCaller
    if (Option.isNone(name)) {
      return yield* new Unauthenticated({
        detail: "claiming and reporting need the worker's identity: send Authorization: Bearer NAME"
      })
    }
    return yield* Effect.provideService(httpEffect, CurrentWorker, name.value)
  })
)
