/** What OpenAPI says of credentials, which are found out by `Authentication` and not by a scheme of the framework's. */
import { Predicate } from "effect"
import { mapOperations, type Operation } from "./operations.ts"

// An open server takes requests without any, hence the empty one.
const alternatives = [{}, { bearer: [] }, { basic: [] }]

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", description: "`Bearer TOKEN`; on an open server `Bearer NAME`." },
  basic: { type: "http", scheme: "basic", description: "`NAME:TOKEN`, or `NAME/INSTANCE:TOKEN`." }
}

const wantsCredentials = ({ responses }: Operation): boolean => Predicate.hasProperty(responses, "401")

/** Adds the schemes to an OpenAPI document, and to each operation that answers 401 without credentials that they serve. */
export const withSecurity = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...mapOperations(document, (operation) =>
    wantsCredentials(operation) ? { ...operation, security: alternatives } : operation
  ),
  components: { ...(Predicate.isObject(document["components"]) && document["components"]), securitySchemes }
})
