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
import { Workers } from "../../domain/Workers.ts"

export const IdentificationLive = Layer.effect(
  Identification,
  Effect.map(Authenticator, (authenticator) =>
    Identification.of((httpEffect) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
        Effect.flatMap(authenticator.identify(Option.fromUndefinedOr(headers["authorization"])), (caller) =>
          Effect.provideService(httpEffect, CurrentCaller, caller)
        )
      )
    )
  )
)

const currentWorker = Effect.flatMap(CurrentCaller, ({ name }) =>
  Effect.mapError(
    Effect.fromOption(name),
    () =>
      new Unauthenticated({
        detail: "claiming and reporting need the worker's identity: send Authorization: Bearer NAME"
      })
  )
)

export const WorkerIdentificationLive = Layer.effect(
  WorkerIdentification,
  Effect.map(Workers, (workers) =>
    WorkerIdentification.of((httpEffect) =>
      Effect.flatMap(currentWorker, (worker) => {
        workers.saw(worker)
        return Effect.provideService(httpEffect, CurrentWorker, worker)
      })
    )
  )
)
