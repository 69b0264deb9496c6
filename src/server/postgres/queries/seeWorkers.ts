/** `WorkerRepo.see`: takes note of workers that were heard of. */
import { Effect, Schema } from "effect"
import type { Sighting } from "../../../domain/workers/WorkerRepo.ts"
import { type Database, type DatabaseError, now, rowsOf } from "../Database.ts"
import { arrayLiteral, texts, toText } from "../parameters.ts"

const nameRows = rowsOf(Schema.Struct({ name: Schema.String }))

// In the order of the names, so that two servers do not each hold what the other one needs.
const statement = `
  with before as materialized (
    select name from worker where name = any($2::text[]) and is_present
  ), seen as (
    insert into worker as known (name, first_seen_at, last_seen_at, is_present, types, skills, accepts)
    select name, ${now}, ${now}, true, types::text[], skills::json, accepts::json
    from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as item (name, types, skills, accepts)
    order by name
    on conflict (name) do update set
      last_seen_at = excluded.last_seen_at, is_present = true,
      types = coalesce(excluded.types, known.types), skills = coalesce(excluded.skills, known.skills),
      accepts = coalesce(excluded.accepts, known.accepts)
    returning name
  )
  select name from seen where name not in (select before.name from before) order by name`

export const seeWorkers = (
  database: Database,
  batch: ReadonlyArray<Sighting>
): Effect.Effect<ReadonlyArray<string>, DatabaseError> =>
  batch.length === 0
    ? Effect.succeed([])
    : Effect.map(
        database.queryAtTime(nameRows, statement, [
          texts(batch.map(({ worker }) => worker)),
          texts(
            batch.map(({ suitability }) => (suitability === null ? null : arrayLiteral(suitability.types)))
          ),
          texts(batch.map(({ suitability }) => toText(suitability?.skills ?? null))),
          texts(batch.map(({ suitability }) => toText(suitability?.accepts ?? null)))
        ]),
        (rows) => rows.map(({ name }) => name)
      )
