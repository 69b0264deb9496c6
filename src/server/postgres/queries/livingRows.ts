/** Attempts that have just given a sign of life, as rows: beside the job if it was the first sign. */
import { Effect, Schema } from "effect"
import type { AttemptId } from "../../../domain/Identifiers.ts"
import type { LivingAttempt } from "../../../domain/attempts/SignOfLife.ts"
import { attemptFields, changedFields, columnsOf } from "../columns.ts"
import { isKey, rowsOf } from "../Database.ts"
import type { JobGroups } from "../JobGroups.ts"
import { toAttemptRecord, toChangedJob } from "../rows.ts"

const Started = Schema.Struct({ ...attemptFields, ...changedFields })
const Living = Schema.Union([Started, Schema.Struct({ ...attemptFields, id: Schema.Null })])
type Living = typeof Living.Type

export const livingRows = rowsOf(Living)
export const livingColumns = columnsOf({ ...attemptFields, ...changedFields })

/** Joins the job of an attempt whose first sign this is. For any other sign nothing is looked up. */
export const startedJob = (attempt: string) =>
  `left join job on ${isKey("job.id", `case when ${attempt}.is_first then ${attempt}.job_id end`)}`

export const toLiving = Effect.fnUntraced(function* (groups: JobGroups, rows: ReadonlyArray<Living>) {
  const started = rows.filter((row): row is typeof Started.Type => row.id !== null)
  const found = yield* groups.withIds(started.map((row) => row.group_id))
  const jobs = new Map(
    started.flatMap((row, index) => {
      const group = found[index]
      return group === undefined ? [] : [[row.attempt_id, toChangedJob(row, group)] as const]
    })
  )
  return new Map(
    rows.map((row): [AttemptId, LivingAttempt] => [
      row.attempt_id,
      { ...toAttemptRecord(row), started: jobs.get(row.attempt_id) ?? null }
    ])
  )
})
