/** Where the policies are kept, as an interface. It fails as `JobRepo` does: with defects that no caller could mend. */
import { Context, type DateTime, type Effect } from "effect"
import type { PolicyOverrides } from "./PolicyOverrides.ts"

/** What the policy of a type says itself, and who said so. */
export interface StoredPolicy {
  readonly type: string
  readonly own: PolicyOverrides
  readonly changedAt: DateTime.Utc
  readonly changedBy: string | null
}

/** A change of what a policy says itself; null where there is none of that type. */
export interface PolicyChange {
  readonly before: PolicyOverrides | null
  readonly after: PolicyOverrides | null
}

export class PolicyRepo extends Context.Service<
  PolicyRepo,
  {
    readonly all: Effect.Effect<ReadonlyArray<StoredPolicy>>
    /** Replaces what the policy of a type says by what `change` makes of it. Changes of one type come one after another. */
    readonly change: (
      type: string,
      by: string | null,
      change: (own: PolicyOverrides | null) => PolicyOverrides | null
    ) => Effect.Effect<PolicyChange>
  }
>()("lazyboss/domain/policies/PolicyRepo") {}
