/** What OpenAPI says of the headers of answers, which handlers set by themselves. */
import { Predicate } from "effect"
import { eventStream } from "./Conventions.ts"
import { mapOperations, mapValues, type Operation } from "./operations.ts"

const descriptions = {
  "Accept-Ranges": "`bytes`.",
  "Cache-Control": "Whether the answer may be stored: it may not, or not without asking again.",
  "Content-Range": "Which bytes there are, of how many.",
  "Last-Event-Id": "The number of the last event that is stored.",
  Location: "Where that is which was created, if it is one thing and not an array.",
  "Retry-After": "After how many seconds it may be better.",
  "WWW-Authenticate": "How to say who you are.",
  "X-Accel-Buffering": "`no`: proxies are to pass on what comes at once."
}

type HeaderName = keyof typeof descriptions

const addHeaders = (response: unknown, names: ReadonlyArray<HeaderName>): unknown =>
  Predicate.isObject(response) && names.length > 0
    ? {
        ...response,
        headers: {
          ...(Predicate.isObject(response["headers"]) && response["headers"]),
          ...Object.fromEntries(
            names.map((name) => [name, { description: descriptions[name], schema: { type: "string" } }])
          )
        }
      }
    : response

/** Adds the headers of the answers of each status to an operation. */
export const answerHeaders =
  (byStatus: Readonly<Record<string, ReadonlyArray<HeaderName>>>) =>
  (operation: Operation): Operation => ({
    ...operation,
    responses: mapValues(operation["responses"], (response, status) =>
      addHeaders(response, byStatus[status] ?? [])
    )
  })

const ofAnyStatus = answerHeaders({ 401: ["WWW-Authenticate"], 503: ["Retry-After"] })

const isStream = (response: unknown): boolean =>
  Predicate.hasProperty(response, "content") && Predicate.hasProperty(response.content, eventStream)

/** Adds the headers that a status or an event stream always has to all operations of an OpenAPI document. */
export const withCommonHeaders = (document: Record<string, unknown>): Record<string, unknown> =>
  mapOperations(document, (operation) => {
    const described = ofAnyStatus(operation)
    const responses = mapValues(described["responses"], (response) =>
      addHeaders(response, isStream(response) ? ["Cache-Control", "X-Accel-Buffering"] : [])
    )
    return { ...described, responses }
  })
