/** Translates between HTTP and the supervisor's rules for the group `policies`. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { nameOf } from "../../domain/access/Caller.ts"
import { Api } from "../../domain/api/Api.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import type { TypePolicy as TypePolicyJson } from "../../domain/api/Policies.ts"
import { inheritedPaths, PolicyOverrides } from "../../domain/policies/PolicyOverrides.ts"
import { SupervisorPolicy, type TypePolicy } from "../../domain/policies/SupervisorPolicy.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"
import { withAllServices } from "./RequestServices.ts"

const decodeOverrides = decode(PolicyOverrides)

const toShown = ({ effective, own, type }: TypePolicy): typeof TypePolicyJson.Type => ({
  type,
  ...effective,
  own,
  inherited: inheritedPaths(effective, own)
})

const callerName = Effect.map(CurrentCaller, nameOf)

export const PoliciesHandlers = HttpApiBuilder.group(
  Api,
  "policies",
  Effect.fnUntraced(function* (handlers) {
    const policies = yield* SupervisorPolicy
    const bodies = yield* RequestBodies

    return handlers
      .handle("list", () => Effect.map(policies.all, (all) => all.map(toShown)))
      .handle("get", ({ params }) => Effect.map(policies.find(params.type), toShown))
      .handleRaw("put", ({ params, request }) =>
        Effect.gen(function* () {
          const own = yield* decodeOverrides(yield* bodies.readJson(request))
          return toShown(yield* policies.change(params.type, yield* callerName, () => own))
        })
      )
      .handle("remove", ({ params }) => Effect.flatMap(callerName, (by) => policies.remove(params.type, by)))
  }, withAllServices)
)
