/** Every answer that is not a success, as a problem document. */
import { Cause, Effect, type Schema } from "effect"
import { FindMyWay, HttpServerError, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { challenge } from "../../domain/access/Credentials.ts"
import {
  type InputIssue,
  InternalFailure,
  InvalidRequest,
  MethodNotAllowed,
  RouteNotFound,
  Unavailable
} from "../../domain/Errors.ts"
import { describeIssues, inputIssuesOf } from "../../domain/inputIssues.ts"
import { StoreUnavailable } from "../../domain/StoreUnavailable.ts"

/** What a Schema found wrong, as a problem that names every field. */
export const fromSchemaError = (error: Schema.SchemaError): InvalidRequest => fromIssues(inputIssuesOf(error))

/** What is wrong with a request, all of it. */
export const fromIssues = (errors: ReadonlyArray<InputIssue>): InvalidRequest =>
  new InvalidRequest({ detail: describeIssues(errors), errors })

/** One thing that is wrong with a request. */
export const invalid = (path: string, message: string): InvalidRequest => fromIssues([{ path, message }])

/** What is wrong with the part of a body to which `place` leads, as seen from the whole body. */
export const invalidAt = (place: string, { errors }: InvalidRequest): InvalidRequest =>
  fromIssues(errors.map(({ message, path }) => ({ path: path === "" ? place : `${place}.${path}`, message })))

/** The problem document as a response, with the headers that go with its status. */
export const respond = (problem: HttpServerRespondable.Respondable) =>
  Effect.map(HttpServerRespondable.toResponse(problem), withHeaders)

const withHeaders = (response: HttpServerResponse.HttpServerResponse) => {
  switch (response.status) {
    case 401:
      return HttpServerResponse.setHeader(response, "www-authenticate", challenge)
    // What is late is not waited for.
    case 408:
      return HttpServerResponse.setHeader(response, "connection", "close")
    case 503:
      return HttpServerResponse.setHeader(response, "retry-after", "1")
    default:
      return response
  }
}

/** What is wrong with the server is for its log alone. */
export const internalFailure = new InternalFailure({ detail: "the server's log says what it was" })

/** What nobody has the time for any more. */
export const stopping = new Unavailable({ detail: "the server is stopping" })

const noRoute = new RouteNotFound({ detail: "GET /docs lists what there is" })

/** Says which methods an address takes. */
export const refuseMethod = (methods: ReadonlySet<string>) => {
  const allow = [...methods].join(", ")
  return Effect.map(
    respond(new MethodNotAllowed({ detail: `this address takes ${allow}` })),
    HttpServerResponse.setHeader("allow", allow)
  )
}

/**
 * Sees to it that whatever goes wrong in `app` is answered with a problem document, and that what is wrong with the
 * server itself is logged and not shown. `allowedMethods` tells a wrong method from a wrong address.
 */
export const withProblems =
  (allowedMethods: (url: string) => ReadonlySet<string>) =>
  <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.catchCause(app, (cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
      const error = Cause.squash(cause)
      if (error instanceof HttpServerError.HttpServerError && error.reason._tag === "RouteNotFound") {
        const methods = allowedMethods(error.request.url)
        return methods.size === 0 ? respond(noRoute) : refuseMethod(methods)
      }
      return error instanceof StoreUnavailable
        ? respond(new Unavailable({ detail: error.message }))
        : Effect.andThen(Effect.logError("a request failed", cause), respond(internalFailure))
    }).pipe(Effect.map((response) => (response.status >= 400 ? withHeaders(response) : response)))

const isPath = (path: string): path is `/${string}` => path.startsWith("/")

/** Which methods there are at an address, read from the contract and from the addresses of plain pages. */
export const makeAllowedMethods = (
  endpoints: ReadonlyArray<{ readonly path: string; readonly method: string }>,
  config: Partial<FindMyWay.RouterConfig>
) => {
  const methodsByPath = new Map<string, Set<string>>()
  for (const { method, path } of endpoints) {
    const methods = methodsByPath.get(path) ?? new Set()
    methods.add(method)
    if (method === "GET") methods.add("HEAD")
    methodsByPath.set(path, methods)
  }
  const router = FindMyWay.make<ReadonlySet<string>>(config)
  for (const [path, methods] of methodsByPath) if (isPath(path)) router.on("GET", path, methods)
  return (url: string): ReadonlySet<string> => router.find("GET", url)?.handler ?? new Set()
}
