/** The rules in force, read from the store, and how the supervisor changes them. */
import { Context, Effect, Layer, type Scope } from "effect"
import { PolicyNotFound } from "../Errors.ts"
import { EventFeed } from "../events/EventFeed.ts"
import { EventHub } from "../events/EventHub.ts"
import { addScoped } from "../addScoped.ts"
import * as Mirror from "../Mirror.ts"
import { defaultPolicy, type Policy } from "./Policy.ts"
import { applyOverrides, changedFields, defaultType, type PolicyOverrides } from "./PolicyOverrides.ts"
import { PolicyRepo, type StoredPolicy } from "./PolicyRepo.ts"

/** What `default` extends: the policy of a lazyboss that nobody has told otherwise. */
export const BuiltInPolicy = Context.Reference<Policy>(
  "lazyboss/domain/policies/SupervisorPolicy/BuiltInPolicy",
  {
    defaultValue: () => defaultPolicy
  }
)

/** The policy of a type, and what of it the type says itself. */
export interface TypePolicy {
  readonly type: string
  readonly effective: Policy
  readonly own: PolicyOverrides
}

/** Every policy, with all that it extends filled in. */
const fillIn = (builtIn: Policy, stored: ReadonlyArray<StoredPolicy>) => {
  const own = new Map(stored.map((policy) => [policy.type, policy.own]))
  const base = applyOverrides(builtIn, own.get(defaultType) ?? {})
  const policies = new Map<string, TypePolicy>([
    [defaultType, { type: defaultType, effective: base, own: own.get(defaultType) ?? {} }]
  ])
  for (const [type, overrides] of own) {
    if (type === defaultType) continue
    policies.set(type, { type, effective: applyOverrides(base, overrides), own: overrides })
  }
  return { base, policies }
}

export class SupervisorPolicy extends Context.Service<
  SupervisorPolicy,
  {
    /** The policy in force for the jobs of this type. */
    readonly of: (type: string) => Policy
    /** Hears of every change as soon as it is in force here, until the scope closes. The listener must be quick. */
    readonly listen: (listener: () => void) => Effect.Effect<void, never, Scope.Scope>
    /** The same for one type that may say nothing itself. */
    readonly find: (type: string) => Effect.Effect<TypePolicy>
    /** `default`, and the policies of the types that say anything themselves. */
    readonly all: Effect.Effect<ReadonlyArray<TypePolicy>>
    /**
     * Sets what the policy of a type says itself, by what it said, and tells what follows. In force here at once, and on
     * other servers as soon as they hear.
     */
    readonly change: (
      type: string,
      by: string | null,
      change: (own: PolicyOverrides | null) => PolicyOverrides
    ) => Effect.Effect<TypePolicy>
    /** Makes the type say nothing itself, likewise. */
    readonly remove: (type: string, by: string | null) => Effect.Effect<void, PolicyNotFound>
  }
>()("lazyboss/domain/policies/SupervisorPolicy") {
  static readonly layer = Layer.effect(
    SupervisorPolicy,
    Effect.gen(function* () {
      const repo = yield* PolicyRepo
      const hub = yield* EventHub
      const feed = yield* EventFeed
      const builtIn = yield* BuiltInPolicy
      const listeners = new Set<() => void>()
      const mirror = yield* Mirror.make(
        "policies",
        Effect.map(repo.all, (stored) => fillIn(builtIn, stored)),
        () => listeners.forEach((listener) => listener())
      )

      const find = (type: string): TypePolicy => {
        const { base, policies } = mirror.current()
        return policies.get(type) ?? { type, effective: base, own: {} }
      }

      /** Writes the change down and tells of it. What the type extends is `base`. */
      const write = Effect.fnUntraced(function* (
        type: string,
        by: string | null,
        make: (own: PolicyOverrides | null) => PolicyOverrides | null
      ) {
        const change = yield* repo.change(type, by, make)
        yield* hub.publishSupervision("policies")
        yield* mirror.refresh
        const base = type === defaultType ? builtIn : mirror.current().base
        const isPaused = (own: PolicyOverrides | null) => applyOverrides(base, own ?? {}).paused
        const paused = isPaused(change.after)
        if (paused !== isPaused(change.before)) {
          yield* feed.tell({ event: "type.paused", type, paused, by })
        }
        const fields = changedFields(change.before ?? {}, change.after ?? {})
        if (fields.length > 0) yield* feed.tell({ event: "policy.changed", type, fields, by })
        return { change, base }
      }, Effect.uninterruptible)

      return SupervisorPolicy.of({
        of: (type) => find(type).effective,
        listen: (listener) => addScoped(listeners, listener),
        find: (type) => Effect.sync(() => find(type)),
        all: Effect.sync(() => [...mirror.current().policies.values()]),
        change: (type, by, change) =>
          Effect.map(write(type, by, change), ({ base, change: { after } }) => ({
            type,
            effective: applyOverrides(base, after ?? {}),
            own: after ?? {}
          })),
        remove: Effect.fnUntraced(function* (type, by) {
          const { change } = yield* write(type, by, () => null)
          if (change.before === null) {
            return yield* new PolicyNotFound({ detail: "no policy of its own was made for this type" })
          }
        })
      })
    })
  )
}
