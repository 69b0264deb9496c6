/** The operations of an OpenAPI document, and how to say more of them than the framework knows. */
import { Predicate } from "effect"

export type Operation = Record<string, unknown>

/** Maps each value of what should be an object. */
export const mapValues = (record: unknown, map: (value: unknown, key: string) => unknown): unknown =>
  Predicate.isObject(record)
    ? Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
    : record

/** Says that a request may come without a body, which is not told by its being one of several. */
export const withOptionalBody = ({ requestBody, ...operation }: Operation): Operation => ({
  ...operation,
  requestBody: { ...(Predicate.isObject(requestBody) && requestBody), required: false }
})

/** Maps each operation of a document. */
export const mapOperations = (
  document: Record<string, unknown>,
  map: (operation: Operation) => Operation
): Record<string, unknown> => ({
  ...document,
  paths: mapValues(document["paths"], (path) =>
    mapValues(path, (operation) => (Predicate.isObject(operation) ? map(operation) : operation))
  )
})
