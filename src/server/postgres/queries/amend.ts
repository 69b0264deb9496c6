/** `JobRepo.amend`: changes jobs that are not finished. */
import { Array as Arr, DateTime, Duration, Effect, Schema } from "effect"
import {
  type Amended,
  amendedGroup,
  type JobAmending,
  newRelaxTimes
} from "../../../domain/jobs/Amendment.ts"
import { JobId } from "../../../domain/Identifiers.ts"
import { attemptColumns, jobColumns } from "../columns.ts"
import { type Database, type DatabaseError, isKey, now, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { bigints, textLists, times, uuids } from "../parameters.ts"
import { jobRows, jobsFrom } from "../rows.ts"
import { countedProjectFlows } from "./countedFlows.ts"
import { lockJobs } from "./lockJobs.ts"
import { pastRelaxed } from "./waited.ts"

const groupRows = rowsOf(Schema.Struct({ id: JobId, group_id: Schema.Number }))

const groupsOf = "select id, group_id::float8 as group_id from job where id = any($1::uuid[])"

// The new group was chosen by the old one, which must still be the job's: two changes at the same time could each undo the
// other's. A job that is given to a worker in between is changed for its next attempt.
const statement = `
  with item as (
    select job_id, old_group, new_group, tags::text[] as tags, run_at
    from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::timestamptz[])
      as item (job_id, old_group, new_group, tags, run_at)
  ), found as materialized (
    select
      job.id, job.type, job.project, job.version + 1 as version, job.group_id as old_group, job.tags as old_tags,
      job.status as old_status, item.new_group,
      coalesce(item.tags, job.tags) as tags,
      case when item.run_at is null then job.run_at else greatest(item.run_at, ${now}) end as run_at,
      case
        when item.run_at is null then job.status
        when item.run_at > ${now} then 'scheduled'
        else 'pending'
      end as status
    from item
    join job on ${isKey("job.id", "item.job_id")}
    where job.group_id = item.old_group and (
      job.status in ('scheduled', 'pending') or (job.status = 'processing' and item.run_at is null)
    )
  ), kept as (
    insert into job_amendment (job_id, version, group_id, tags, run_at, status)
    select id, version, old_group, old_tags, run_at, status from found
  ), amended as (
    update job
    set
      group_id = found.new_group, tags = found.tags, run_at = found.run_at, status = found.status,
      version = found.version
    from found
    where ${isKey("job.id", "found.id")}
    returning job.*
  ), ${countedProjectFlows("select type, project, old_status as before, status as after from found")}
  select ${jobColumns}, ${attemptColumns}
  ${jobsFrom("amended")}`

/** Amends jobs none of which is named twice. */
const amendEach = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<JobAmending>
) {
  const ids = batch.map(({ job }) => job)
  const rows = yield* database.query(groupRows, groupsOf, [uuids(ids)])
  const before = new Map(
    Arr.zip(rows, yield* groups.withIds(rows.map((row) => row.group_id))).map(([{ id }, group]) => [
      id,
      group
    ])
  )
  const wishes = batch.flatMap(({ amendment, job }) => {
    const group = before.get(job)
    return group === undefined ? [] : [{ job, amendment, group }]
  })
  // Outside of the transaction: groups are remembered for good, and so must be stored for good.
  const after = yield* groups.like(wishes.map(({ amendment, group }) => amendedGroup(group, amendment)))
  const newTimes = new Map(
    Arr.zip(wishes, after).map(([{ group, job }, changed]) => [job, newRelaxTimes(group, changed)])
  )
  const { isPast, rows: amended } = yield* database.transaction(
    Effect.gen(function* () {
      yield* lockJobs(database, ids)
      const isRelaxing = [...newTimes.values()].some(({ length }) => length > 0)
      return {
        isPast: isRelaxing ? yield* pastRelaxed(database) : null,
        rows: yield* database.queryAtTime(jobRows, statement, [
          uuids(wishes.map(({ job }) => job)),
          bigints(wishes.map(({ group }) => group.id)),
          bigints(after.map(({ id }) => id)),
          textLists(wishes.map(({ amendment }) => amendment.tags ?? null)),
          times(wishes.map(({ amendment }) => amendment.runAt ?? null))
        ])
      }
    })
  )
  return (yield* groups.records(amended)).map((job): Amended => {
    const dueSince = DateTime.toEpochMillis(job.runAt)
    const relaxed = (newTimes.get(job.id) ?? []).filter(
      (time) => job.status === "pending" && isPast?.(dueSince + time, job.id) === true
    )
    return { job, relaxed: relaxed.map((time) => Duration.millis(time)) }
  })
})

/** The items in as few parts as name no job twice, each job's in their order. */
const partsWithoutRepetition = (batch: ReadonlyArray<JobAmending>) => {
  const parts: Array<Array<{ readonly item: JobAmending; readonly place: number }>> = []
  const named = new Map<JobId, number>()
  batch.forEach((item, place) => {
    const turn = named.get(item.job) ?? 0
    named.set(item.job, turn + 1)
    const part = parts[turn]
    if (part === undefined) parts.push([{ item, place }])
    else part.push({ item, place })
  })
  return parts
}

export const amend = Effect.fnUntraced(function* (
  database: Database,
  groups: JobGroups,
  batch: ReadonlyArray<JobAmending>
): Effect.fn.Return<ReadonlyArray<Amended | null>, DatabaseError> {
  const answers = batch.map((): Amended | null => null)
  for (const part of partsWithoutRepetition(batch)) {
    const amended = yield* amendEach(
      database,
      groups,
      part.map(({ item }) => item)
    )
    const found = new Map(amended.map((one) => [one.job.id, one]))
    for (const { item, place } of part) answers[place] = found.get(item.job) ?? null
  }
  return answers
})
