/** Authenticates each request by its Authorization header, and admits it by the roles that its endpoint needs. */
import { Effect, Layer, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import {
  CurrentCaller,
  CurrentWorker,
  Authentication,
  neededRoles,
  WorkerAuthentication
} from "../../domain/api/Authentication.ts"
import { Authenticator } from "../../domain/access/Authenticator.ts"
import type { Caller } from "../../domain/access/Caller.ts"
import { ForeignPage, Forbidden, Unauthenticated } from "../../domain/Errors.ts"
import { admits, type Role } from "../../domain/access/Token.ts"
import { Workers } from "../../domain/workers/Workers.ts"
import { isFromForeignPage, OwnMachineOnly } from "./ForeignPages.ts"

const forbidden = (role: Role, needed: ReadonlyArray<Role>) =>
  new Forbidden({ detail: `this is for a ${needed.join(" or a ")}, and the token is a ${role}'s` })

export const AuthenticationLive = Layer.effect(
  Authentication,
  Effect.gen(function* () {
    const authenticator = yield* Authenticator
    const isForOwnMachine = yield* OwnMachineOnly

    // A token is nothing that a browser would add to what a page sends.
    const refuseForeignPages = (request: HttpServerRequest.HttpServerRequest, caller: Caller) =>
      isForOwnMachine && caller.token === null && isFromForeignPage(request)
        ? Effect.fail(
            new ForeignPage({
              detail: `pages of ${request.headers["origin"]} may not do this: make a token, or start the server with --open`
            })
          )
        : Effect.succeed(caller)

    const identify = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.flatMap(
        authenticator.identify(Option.fromUndefinedOr(request.headers["authorization"])),
        (caller) => refuseForeignPages(request, caller)
      )
    )

    return Authentication.of((httpEffect, { endpoint, group }) => {
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

export const WorkerAuthenticationLive = Layer.effect(
  WorkerAuthentication,
  Effect.map(Workers, (workers) =>
    WorkerAuthentication.of((httpEffect) =>
      Effect.flatMap(currentWorker, (worker) => {
        workers.saw(worker)
        return Effect.provideService(httpEffect, CurrentWorker, worker)
      })
    )
  )
)
