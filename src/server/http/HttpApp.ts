/** The HTTP side of the server: the contract's routes, the documentation, and problems for all that goes wrong. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Layer } from "effect"
import { HttpEffect, HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { allowedMethods, docsPath, openapiPath, routerConfig } from "./Routes.ts"
import { Shutdown } from "./Shutdown.ts"
import { BulkActionsHandlers } from "./BulkActionsHandlers.ts"
import { ConventionsLive } from "./ConventionsMiddleware.ts"
import { EventsHandlers } from "./EventsHandlers.ts"
import { AuthenticationLive, WorkerAuthenticationLive } from "./AuthenticationMiddleware.ts"
import { JobsHandlers } from "./JobsHandlers.ts"
import { PoliciesHandlers } from "./PoliciesHandlers.ts"
import { invalid, respond, stopping, withProblems } from "./Problems.ts"
import { ProjectsHandlers } from "./ProjectsHandlers.ts"
import { RequestBodies } from "./RequestBodies.ts"
import { routesWithFewServices, withFewServices } from "./RequestServices.ts"
import { SchedulesHandlers } from "./SchedulesHandlers.ts"
import { ServiceHandlers } from "./ServiceHandlers.ts"
import { StatsHandlers } from "./StatsHandlers.ts"
import { TokensHandlers } from "./TokensHandlers.ts"
import { WorkersHandlers } from "./WorkersHandlers.ts"
import { WorkHandlers } from "./WorkHandlers.ts"

const Handlers = Layer.mergeAll(
  JobsHandlers,
  BulkActionsHandlers,
  ProjectsHandlers,
  WorkHandlers,
  PoliciesHandlers,
  WorkersHandlers,
  SchedulesHandlers,
  EventsHandlers,
  StatsHandlers,
  TokensHandlers,
  ServiceHandlers
).pipe(
  routesWithFewServices,
  Layer.provide([ConventionsLive, AuthenticationLive, WorkerAuthenticationLive, RequestBodies.layer])
)

// The page brings all it needs. That it asks no other host for anything is the browser's to see to.
const toThisHostOnly = HttpRouter.middleware((page) =>
  Effect.map(
    page,
    HttpServerResponse.setHeader(
      "content-security-policy",
      "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
    )
  )
).layer

const ApiRoutes = routesWithFewServices(HttpApiBuilder.layer(Api, { openapiPath }))

const Routes = Layer.mergeAll(
  ApiRoutes.pipe(Layer.provide(Handlers)),
  HttpApiScalar.layer(Api, { path: docsPath, scalar: { withDefaultFonts: false } }).pipe(
    Layer.provide(toThisHostOnly)
  )
)

// HTTP/1.1 wants every request to name its host, once (RFC 9112, section 3.2): who passes it on could have meant the other.
const namesOf = ({ rawHeaders }: { readonly rawHeaders: ReadonlyArray<string> }): number =>
  rawHeaders.filter((name, index) => index % 2 === 0 && name.length === 4 && name.toLowerCase() === "host")
    .length

const requireHost = <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    const message = NodeHttpServerRequest.toIncomingMessage(request)
    const names = namesOf(message)
    if (names > 1) return respond(invalid("Host", "this header is given more than once"))
    return names === 0 && message.httpVersion !== "1.0"
      ? respond(invalid("Host", "this header is required"))
      : app
  })

// A request that is given up because the server stops is past being answered by whoever had it in hand.
const sayFarewell = (shutdown: Shutdown["Service"]) => {
  const onceStopping: HttpEffect.PreResponseHandler = (_, response) =>
    shutdown.hasBegun()
      ? Effect.map(
          response.status === 503 ? respond(stopping) : Effect.succeed(response),
          HttpServerResponse.setHeader("connection", "close")
        )
      : Effect.succeed(response)
  return <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    HttpEffect.withPreResponseHandler(app, onceStopping)
}

/** Serves the API on the `HttpServer`. */
export const HttpAppLive = Layer.unwrap(
  Effect.gen(function* () {
    const app = yield* HttpRouter.toHttpEffect(Routes)
    const shutdown = yield* Shutdown
    return Layer.effectDiscard(
      withFewServices(
        HttpServer.serveEffect(sayFarewell(shutdown)(withProblems(allowedMethods)(requireHost(app))))
      )
    )
  })
).pipe(Layer.provide(Layer.succeed(HttpRouter.RouterConfig, routerConfig)))
