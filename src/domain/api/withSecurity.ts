/** What OpenAPI says of credentials, which are found out by `Authentication` and not by a scheme of the framework's. */
import { Predicate } from "effect"

// An open server takes requests without any, hence the empty one.
const alternatives = [{}, { bearer: [] }, { basic: [] }]

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", description: "`Bearer TOKEN`; on an open server `Bearer NAME`." },
  basic: { type: "http", scheme: "basic", description: "`NAME:TOKEN`, or `NAME/INSTANCE:TOKEN`." }
}

const wantsCredentials = (operation: unknown): boolean =>
  Predicate.hasProperty(operation, "responses") && Predicate.hasProperty(operation.responses, "401")

const mapValues = (record: unknown, map: (value: unknown) => unknown): unknown =>
  Predicate.isObject(record)
    ? Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
    : record

/** Adds the schemes to an OpenAPI document, and to each operation that answers 401 without credentials that they serve. */
export const withSecurity = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  components: { ...(Predicate.isObject(document["components"]) && document["components"]), securitySchemes },
  paths: mapValues(document["paths"], (path) =>
    mapValues(path, (operation) =>
      Predicate.isObject(operation) && wantsCredentials(operation)
        ? { ...operation, security: alternatives }
        : operation
    )
  )
})
