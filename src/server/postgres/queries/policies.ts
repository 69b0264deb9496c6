/** `PolicyRepo`: what the policies of types say themselves. */
import { Effect, Schema } from "effect"
import { PolicyOverrides } from "../../../domain/policies/PolicyOverrides.ts"
import type { PolicyChange, StoredPolicy } from "../../../domain/policies/PolicyRepo.ts"
import { type Database, type DatabaseError, now, rowsOf } from "../Database.ts"
import { lockName } from "../locks.ts"
import { toTime } from "../rows.ts"

const encodeOwn = Schema.encodeEffect(Schema.fromJsonString(PolicyOverrides))

const policyRows = rowsOf(
  Schema.Struct({
    type: Schema.String,
    own: PolicyOverrides,
    changed_at: Schema.Date,
    changed_by: Schema.NullOr(Schema.String)
  })
)

const select = "select type, own, changed_at, changed_by from policy"

const toStored = (row: {
  readonly type: string
  readonly own: PolicyOverrides
  readonly changed_at: Date
  readonly changed_by: string | null
}): StoredPolicy => ({
  type: row.type,
  own: row.own,
  changedAt: toTime(row.changed_at),
  changedBy: row.changed_by
})

export const allPolicies = (database: Database): Effect.Effect<ReadonlyArray<StoredPolicy>, DatabaseError> =>
  Effect.map(database.query(policyRows, `${select} order by type`), (rows) => rows.map(toStored))

const upsert = `
  insert into policy (type, own, changed_at, changed_by)
  values ($2::text, $3::json, ${now}, $4::text)
  on conflict (type) do update
  set own = excluded.own, changed_at = excluded.changed_at, changed_by = excluded.changed_by`

/** One server at a time for each type: what a change makes of a policy depends on what it was. */
export const changePolicy = (
  database: Database,
  type: string,
  by: string | null,
  change: (own: PolicyOverrides | null) => PolicyOverrides | null
): Effect.Effect<PolicyChange, DatabaseError> =>
  database.transaction(
    Effect.gen(function* () {
      yield* lockName(database, "policy", type)
      const [stored] = yield* database.query(policyRows, `${select} where type = $1`, [type])
      const before = stored?.own ?? null
      const after = change(before)
      yield* after === null
        ? database.run("delete from policy where type = $1", [type])
        : database.runAtTime(upsert, [type, yield* encodeOwn(after), by])
      return { before, after }
    })
  )
