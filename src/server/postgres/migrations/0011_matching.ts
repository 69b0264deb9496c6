/** How well workers suited the jobs that they were given, and how far it was told of constraints that were relaxed. */
import { statements } from "./statements.ts"

/** `runners_up` is null where there were none. */
export const matching = statements([
  `alter table attempt add column score float8`,
  `alter table attempt add column runners_up json`,
  `insert into duty_mark values ('relaxed', '-infinity', '00000000-0000-0000-0000-000000000000')`
])
