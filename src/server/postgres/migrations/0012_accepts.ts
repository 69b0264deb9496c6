/** What workers accept, to know who would take a job that does not wait for one. */
import { statements } from "./statements.ts"

/** Null until the worker has asked for jobs, as its `types` and `skills` are. */
export const accepts = statements([`alter table worker add column accepts json`])
