/** What the policy of one type says itself; it has the rest from `default`, which has it from the built-in policy. */
import { Equal, Predicate, Record, Schema, Struct } from "effect"
import { Backoff, defaultQuarantine, Policy, Quarantine, Retention } from "./Policy.ts"

const optional = Struct.map(Schema.optionalKey)

/** Some fields of a policy. Of `backoff`, `quarantine` and `retention` each field counts by itself. */
export const PolicyOverrides = Schema.Struct({
  ...Policy.mapFields(optional).fields,
  backoff: Schema.optionalKey(Backoff.mapFields(optional)),
  quarantine: Schema.optionalKey(Schema.NullOr(Quarantine.mapFields(optional))),
  retention: Schema.optionalKey(Retention.mapFields(optional))
}).annotate({ identifier: "PolicyOverrides" })
export type PolicyOverrides = typeof PolicyOverrides.Type

/** The name of the policy that all others extend. */
export const defaultType = "default"

/** A policy with these fields in place of its own. A quarantine that was off has the built-in values for the rest. */
export const applyOverrides = (policy: Policy, own: PolicyOverrides): Policy => ({
  ...policy,
  ...own,
  backoff: { ...policy.backoff, ...own.backoff },
  retention: { ...policy.retention, ...own.retention },
  quarantine:
    own.quarantine === undefined
      ? policy.quarantine
      : own.quarantine === null
        ? null
        : { ...defaultQuarantine, ...policy.quarantine, ...own.quarantine }
})

/** Paths of the fields that a policy has from the one it extends, as in `lease` and `backoff.max`. */
export const inheritedPaths = (effective: Policy, own: PolicyOverrides): ReadonlyArray<string> =>
  Struct.keys(effective).flatMap((field) => {
    const value: unknown = own[field]
    const whole: unknown = effective[field]
    if (value === undefined) return [field]
    if (!isGroupOfFields(field) || !Predicate.isReadonlyObject(value)) return []
    return Predicate.isReadonlyObject(whole)
      ? Record.keys(whole)
          .filter((name) => !Object.hasOwn(value, name))
          .map((name) => `${field}.${name}`)
      : []
  })

const isGroupOfFields = (field: string) =>
  field === "backoff" || field === "quarantine" || field === "retention"

/** The names of the fields of which the two say different things, or of which only one says anything. */
export const changedFields = (before: PolicyOverrides, after: PolicyOverrides): ReadonlyArray<string> =>
  [...new Set([...Struct.keys(before), ...Struct.keys(after)])].filter(
    (field) => !Equal.equals(before[field], after[field])
  )
