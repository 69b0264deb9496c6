/** The rules in force. Where they are read from is a matter of the layer. */
import { Context, Effect, Layer } from "effect"
import { defaultPolicy, type Policy } from "./Policy.ts"

export class SupervisorPolicy extends Context.Service<
  SupervisorPolicy,
  {
    /** The policy in force for the jobs of this type. */
    readonly of: (type: string) => Effect.Effect<Policy>
  }
>()("lazyboss/domain/SupervisorPolicy") {
  /** The same policy for every type. */
  static readonly layerOf = (policy: Policy) =>
    Layer.succeed(SupervisorPolicy, { of: () => Effect.succeed(policy) })

  static readonly layer = SupervisorPolicy.layerOf(defaultPolicy)
}
