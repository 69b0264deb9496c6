/** The supervisor's rules: what the policy of a type says itself, as JSON in the form in which the API takes it. */
import { statements } from "./statements.ts"

export const policies = statements([
  `create table policy (
    type text primary key,
    own json not null,
    changed_at timestamptz not null,
    changed_by text
  )`
])
