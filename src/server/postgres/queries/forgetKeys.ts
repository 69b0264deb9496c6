/** `JobRepo.forgetKeys`: forgets idempotency keys that are too old. */
import { Effect, Schema } from "effect"
import type { Due } from "../../../domain/Due.ts"
import { keyLifetime } from "../../../domain/jobs/Submission.ts"
import { type Database, type DatabaseError, millisUntil, now, rowsOf, intervalOf } from "../Database.ts"
import { nextRows, toNext } from "../due.ts"

const lifetime = intervalOf(keyLifetime)

const keyRows = rowsOf(Schema.Struct({ key: Schema.String }))

const statement = `
  with old as (
    select key, created_at
    from idempotency_key
    where created_at <= ${now} - ${lifetime}
    order by created_at
    limit $2::int
    for update skip locked
  ), deleted as (
    delete from idempotency_key using old where idempotency_key.key = old.key returning old.key, old.created_at
  )
  select key from deleted order by created_at, key`

const next = `select ${millisUntil(`min(created_at) + ${lifetime}`)} as next from idempotency_key`

export const forgetKeys = Effect.fnUntraced(function* (
  database: Database,
  limit: number
): Effect.fn.Return<Due<string>, DatabaseError> {
  const rows = yield* database.queryAtTime(keyRows, statement, [limit])
  return { done: rows.map(({ key }) => key), next: toNext(yield* database.queryAtTime(nextRows, next)) }
})
