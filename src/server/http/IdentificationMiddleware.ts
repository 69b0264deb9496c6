/** Finds out who is calling, and whether they may. */
import { Effect, Layer, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import {
  CurrentCaller,
  CurrentWorker,
  Identification,
  neededRoles,
  WorkerIdentification
} from "../../domain/api/Identification.ts"
import { Authenticator } from "../../domain/access/Authenticator.ts"
import type { Caller } from "../../domain/access/Caller.ts"
import { ForeignPage, Forbidden, Unauthenticated } from "../../domain/Errors.ts"
import { admits, type Role } from "../../domain/access/Token.ts"
import { Workers } from "../../domain/workers/Workers.ts"
import { foreignness, OwnMachineOnly } from "./ForeignPages.ts"

const forbidden = (role: Role, needed: ReadonlyArray<Role>) =>
  new Forbidden({ detail: `this is for a ${needed.join(" or a ")}, and the token is a ${role}'s` })

export const IdentificationLive = Layer.effect(
  Identification,
  Effect.gen(function* () {
    const authenticator = yield* Authenticator
    const isForOwnMachine = yield* OwnMachineOnly

    // A token is nothing that a browser would add to what a page sends.
    const refuseForeignPages = (request: HttpServerRequest.HttpServerRequest, caller: Caller) => {
      const reason = isForOwnMachine && caller.token === null ? foreignness(request) : undefined
      return reason === undefined
        ? Effect.succeed(caller)
        : Effect.fail(new ForeignPage({ detail: `${reason}: make a token, or start the server with --open` }))
    }

    const identify = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.flatMap(
        authenticator.identify(Option.fromUndefinedOr(request.headers["authorization"])),
        (caller) => refuseForeignPages(request, caller)
      )
    )

    return Identification.of((httpEffect, { endpoint, group }) => {
      const needed = neededRoles(endpoint, group)
      const authorised = Effect.filterOrFail(
        identify,
        ({ role }) => needed.some((one) => admits(role, one)),
        ({ role }) => forbidden(role, needed)
      )
      return Effect.flatMap(authorised, (caller) => Effect.provideService(httpEffect, CurrentCaller, caller))
    })
  })
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
