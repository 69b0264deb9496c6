/** How well workers suited the jobs that they were given. */
import { statements } from "./statements.ts"

/** `runners_up` is null where there were none. */
export const matching = statements([
  `alter table attempt add column score float8`,
  `alter table attempt add column runners_up json`
])
