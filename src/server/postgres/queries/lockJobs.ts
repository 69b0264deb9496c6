/** Makes those who change the same jobs wait for one another. */
import type { JobId } from "../../../domain/Identifiers.ts"
import type { Database } from "../Database.ts"
import { uuids } from "../parameters.ts"

const statement = "select from job where id = any($1::uuid[]) order by id for update"

/**
 * Holds jobs until the end of the transaction, in the order of their ids as everywhere. A statement that waits for a lock
 * sees the row as it is then, but everything else as it was when the statement began: what must also see a job's newest
 * attempt is a statement of its own, after this one.
 */
export const lockJobs = (database: Database, ids: ReadonlyArray<JobId>) =>
  database.run(statement, [uuids(ids)])
