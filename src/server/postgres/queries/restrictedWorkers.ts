/** `WorkerRepo.restricted`: everybody who is kept from anything. */
import { Duration, Effect, Schema } from "effect"
import { WorkerState } from "../../../domain/workers/Worker.ts"
import type { Restricted } from "../../../domain/workers/WorkerRepo.ts"
import { type Database, type DatabaseError, isKey, millisUntil, now, rowsOf } from "../Database.ts"

const restrictedRows = rowsOf(
  Schema.Struct({
    worker: Schema.String,
    state: WorkerState,
    type: Schema.NullOr(Schema.String),
    left: Schema.NullOr(Schema.Number)
  })
)

const statement = `
  select name as worker, state, null as type, null::float8 as left
  from worker
  where state <> 'active'
  union all
  select quarantine.worker, coalesce(worker.state, 'active'), quarantine.type, ${millisUntil("quarantine.until")}
  from worker_quarantine as quarantine
  left join worker on ${isKey("worker.name", "quarantine.worker")}
  where quarantine.until > ${now}`

export const restrictedWorkers = Effect.fnUntraced(function* (
  database: Database
): Effect.fn.Return<ReadonlyArray<Restricted>, DatabaseError> {
  const rows = yield* database.queryAtTime(restrictedRows, statement)
  return [...Map.groupBy(rows, ({ worker }) => worker)].map(([worker, some]) => ({
    worker,
    state: some[0]?.state ?? "active",
    quarantines: some.flatMap(({ left, type }) =>
      type === null || left === null ? [] : [{ type, left: Duration.millis(Math.ceil(left)) }]
    )
  }))
})
