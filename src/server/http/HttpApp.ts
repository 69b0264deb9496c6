/** The HTTP side of the server: the contract's routes, the documentation, and problems for all that goes wrong. */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { ConventionsLive } from "./ConventionsMiddleware.ts"
import { IdentificationLive, WorkerIdentificationLive } from "./IdentificationMiddleware.ts"
import { JobsHandlers } from "./JobsHandlers.ts"
import { makeAllowedMethods, withProblems } from "./Problems.ts"
import { ServiceHandlers } from "./ServiceHandlers.ts"
import { WorkHandlers } from "./WorkHandlers.ts"

const openapiPath = "/openapi.json"
const docsPath = "/docs"

const Handlers = Layer.mergeAll(JobsHandlers, WorkHandlers, ServiceHandlers).pipe(
  Layer.provide([ConventionsLive, IdentificationLive, WorkerIdentificationLive])
)

const Routes = Layer.mergeAll(
  HttpApiBuilder.layer(Api, { openapiPath }).pipe(Layer.provide(Handlers)),
  HttpApiScalar.layer(Api, { path: docsPath })
)

const endpoints = [
  ...Object.values(Api.groups).flatMap((group) => Object.values(group.endpoints)),
  { path: openapiPath, method: "GET" },
  { path: docsPath, method: "GET" }
]

// A path parameter may be a name, percent-encoded.
const routerConfig = { maxParamLength: 512 }

/** Serves the API on the `HttpServer`. */
export const HttpAppLive = Layer.unwrap(
  Effect.gen(function* () {
    const app = yield* HttpRouter.toHttpEffect(Routes)
    return HttpServer.serve(withProblems(makeAllowedMethods(endpoints))(app))
  })
).pipe(Layer.provide(Layer.succeed(HttpRouter.RouterConfig, routerConfig)))
