/** The supervisor's rules. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { PolicyNotFound } from "../Errors.ts"
import { Name } from "../Identifiers.ts"
import { Policy } from "../policies/Policy.ts"
import { PolicyOverrides } from "../policies/PolicyOverrides.ts"
import { Authentication } from "./Authentication.ts"

/** The policy of a type in force, what of it the type says itself (`own`), and the paths of what it inherits. */
export const TypePolicy = Schema.Struct({
  type: Name,
  ...Policy.fields,
  own: PolicyOverrides,
  inherited: Schema.Array(Schema.String)
}).annotate({ identifier: "Policy" })

const params = { type: Name }

export class PoliciesApi extends HttpApiGroup.make("policies")
  .add(
    HttpApiEndpoint.get("list", "/policies", { success: Schema.Array(TypePolicy) }).annotateMerge(
      OpenApi.annotations({
        summary: "The policies",
        description:
          "`default`, which all others extend, and those of the types that say anything themselves."
      })
    ),
    HttpApiEndpoint.get("get", "/policies/:type", { params, success: TypePolicy }).annotateMerge(
      OpenApi.annotations({
        summary: "The policy of a type",
        description:
          "As it is in force, whether the type says anything itself or not: `own` is what it says, and `inherited` lists " +
          "what it has from `default`."
      })
    ),
    HttpApiEndpoint.put("put", "/policies/:type", {
      params,
      payload: PolicyOverrides,
      success: TypePolicy
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Say what is to hold for a type",
        description:
          "The fields that are given replace all that the type said itself; the others are inherited from `default`. It " +
          "holds for what happens next: attempts that run keep the clocks that they were given."
      })
    ),
    HttpApiEndpoint.delete("remove", "/policies/:type", {
      params,
      success: HttpApiSchema.NoContent,
      error: PolicyNotFound
    }).annotateMerge(OpenApi.annotations({ summary: "Let a type inherit everything again" }))
  )
  .middleware(Authentication)
  .annotateMerge(
    OpenApi.annotations({ title: "Policies", description: "The supervisor's rules, by type." })
  ) {}
