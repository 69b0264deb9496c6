/** `WorkerRepo.change`: puts a worker into a state. */
import { type Database, now } from "../Database.ts"
import type { StateChange } from "../../../domain/workers/WorkerRepo.ts"

const statement = `
  insert into worker (name, state, reason, changed_by, first_seen_at)
  values ($2::text, $3::text, $4::text, $5::text, ${now})
  on conflict (name) do update set
    state = excluded.state, reason = excluded.reason, changed_by = excluded.changed_by`

export const changeWorker = (database: Database, change: StateChange) =>
  database.runAtTime(statement, [change.worker, change.state, change.reason, change.by])
