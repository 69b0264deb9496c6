/** `WorkerRepo.credit`: adds to the records of workers. */
import { Effect } from "effect"
import { recentRuns } from "../../../domain/workers/Worker.ts"
import type { WorkDone } from "../../../domain/workers/WorkerRepo.ts"
import type { Database, DatabaseError } from "../Database.ts"
import { arrayLiteral, integers, texts, toMilliseconds } from "../parameters.ts"

// In the order of the key, so that two servers do not each hold what the other one needs.
const statement = `
  insert into worker_record as known (worker, type, done, failed, lost, runs)
  select worker, type, done, failed, lost, runs::float8[]
  from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[], $6::text[])
    as item (worker, type, done, failed, lost, runs)
  order by worker, type
  on conflict (worker, type) do update set
    done = known.done + excluded.done, failed = known.failed + excluded.failed, lost = known.lost + excluded.lost,
    runs = (excluded.runs || known.runs)[1:${recentRuns}]`

export const creditWorkers = (
  database: Database,
  batch: ReadonlyArray<WorkDone>
): Effect.Effect<void, DatabaseError> =>
  batch.length === 0
    ? Effect.void
    : database.run(statement, [
        texts(batch.map(({ worker }) => worker)),
        texts(batch.map(({ type }) => type)),
        integers(batch.map(({ done }) => done)),
        integers(batch.map(({ failed }) => failed)),
        integers(batch.map(({ lost }) => lost)),
        texts(batch.map(({ runs }) => arrayLiteral(runs.map((run) => String(toMilliseconds(run))))))
      ])
