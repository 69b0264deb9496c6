import { type Database, now } from "../Database.ts"
import type { WorkerState } from "../../../domain/Worker.ts"

const statement = `
  insert into worker (name, state, reason, changed_by, first_seen_at)
  values ($2::text, $3::text, $4::text, $5::text, ${now})
  on conflict (name) do update set
    state = excluded.state, reason = excluded.reason, changed_by = excluded.changed_by`

export const changeWorker = (
  database: Database,
  change: {
    readonly worker: string
    readonly state: WorkerState
    readonly reason: string | null
    readonly by: string | null
  }
) => database.runAtTime(statement, [change.worker, change.state, change.reason, change.by])
