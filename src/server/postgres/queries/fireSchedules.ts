/** `ScheduleRepo.fire`: creates the jobs of schedules, together with the mark that their ticks were seen to. */
import { Effect, Schema } from "effect"
import type { Fired, Firing } from "../../../domain/schedules/ScheduleRepo.ts"
import { type Database, type DatabaseError, isKey, now, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { bigints, texts, times, uuids } from "../parameters.ts"
import { cancel } from "./cancel.ts"
import { insert } from "./insert.ts"

const namedRows = rowsOf(Schema.Struct({ name: Schema.String }))

// Whoever waits for another server here sees the version that it left.
const advance = `
  with item as materialized (
    select *
    from unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::uuid[])
      as item (name, version, next_tick, last_tick, last_job)
  ), held as materialized (
    select schedule.name
    from item
    join schedule on ${isKey("schedule.name", "item.name")}
    where schedule.version = item.version
    order by schedule.name
    for update of schedule
  )
  update schedule
  set
    next_tick = item.next_tick, last_tick = item.last_tick, last_job = coalesce(item.last_job, schedule.last_job),
    fired_at = ${now}, version = nextval('schedule_version')
  from held
  join item on item.name = held.name
  where ${isKey("schedule.name", "held.name")}
  returning schedule.name`

/** A job is stored in the same transaction as the mark that its tick was seen to. */
export const fireSchedules = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<Firing>
): Effect.fn.Return<ReadonlyArray<Fired | null>, DatabaseError> {
  if (batch.length === 0) return []
  // Groups are remembered from here on, so that they must be there whatever becomes of the transaction.
  yield* groups.like(batch.flatMap(({ jobs }) => jobs.map(({ group }) => group)))
  return yield* database.transaction(
    Effect.gen(function* () {
      const advanced = yield* database.queryAtTime(namedRows, advance, [
        texts(batch.map(({ schedule }) => schedule)),
        bigints(batch.map(({ version }) => version)),
        times(batch.map(({ nextTick }) => nextTick)),
        times(batch.map(({ lastTick }) => lastTick)),
        uuids(batch.map(({ jobs }) => jobs.at(-1)?.id ?? null))
      ])
      const names = new Set(advanced.map(({ name }) => name))
      const firings = batch.filter(({ schedule }) => names.has(schedule))
      const cancellations = firings.flatMap((firing) => firing.cancellations)
      const cancelled = yield* cancel(database, groups, cancellations)
      const submitted = yield* insert(
        database,
        groups,
        firings.map(({ jobs }) => ({ jobs, idempotency: null }))
      )
      let cancelledBefore = 0
      const fired = new Map<Firing, Fired>()
      for (const [index, firing] of firings.entries()) {
        const own = cancelled.slice(cancelledBefore, cancelledBefore + firing.cancellations.length)
        cancelledBefore += firing.cancellations.length
        const created = submitted[index]
        fired.set(firing, {
          cancelled: own.filter((job) => job !== null),
          created: created?._tag === "Created" ? created.jobs : []
        })
      }
      return batch.map((firing) => fired.get(firing) ?? null)
    })
  )
})
