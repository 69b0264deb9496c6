/** What makes a repetition of a request recognisable, if its sender wants that. */
import { Option } from "effect"
import type { Idempotency } from "../../domain/jobs/Submitting.ts"

export const idempotencyOf = (
  headers: { readonly "idempotency-key"?: string | undefined },
  body: unknown
): Option.Option<Idempotency> =>
  Option.map(Option.fromUndefinedOr(headers["idempotency-key"]), (key) => ({ key, body }))
