/** The groups that jobs belong to, remembered by this server: they never change, and there are few of them. */
import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { canonicalJson } from "../../domain/Json.ts"
import type { JobRecord } from "../../domain/jobs/Job.ts"
import { Operator } from "../../domain/matching/Constraint.ts"
import type { JobGroup } from "../../domain/matching/Matching.ts"
import { StoredJson } from "./columns.ts"
import { type Database, type DatabaseError, rowsOf } from "./Database.ts"
import { locks } from "./locks.ts"
import { bigints, integers, jsons, texts } from "./parameters.ts"
import { type JobRow, toJobRecord } from "./rows.ts"

type NewGroup = Omit<JobGroup, "id">

export interface JobGroups {
  /** The groups that are like these, in the same order. Those that are new get an id, in that order too. */
  readonly like: (groups: ReadonlyArray<NewGroup>) => Effect.Effect<ReadonlyArray<JobGroup>, DatabaseError>
  /** The groups with these ids, in the same order. */
  readonly withIds: (ids: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<JobGroup>, DatabaseError>
  /** Those of these groups that there are. */
  readonly known: (ids: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<JobGroup>, DatabaseError>
  /** Makes records of jobs. */
  readonly records: (rows: ReadonlyArray<JobRow>) => Effect.Effect<ReadonlyArray<JobRecord>, DatabaseError>
}

/** At most this many groups are cached. The first that came are dropped, and read again when they are needed. */
const mostRemembered = 10_000

const GroupRow = Schema.Struct({
  id: Schema.Number,
  type: Schema.String,
  priority: Schema.Number,
  constraints: Schema.Array(
    Schema.Struct({
      skill: Schema.String,
      op: Operator,
      value: Schema.optionalKey(StoredJson),
      weight: Schema.optionalKey(Schema.Number),
      relaxAfter: Schema.optionalKey(Schema.Number)
    })
  ),
  fairnessKey: Schema.NullOr(Schema.String)
})

const groupRows = rowsOf(GroupRow)

const columns = 'id::float8 as id, type, priority, constraints, fairness_key as "fairnessKey"'

const selectByKey = `select ${columns} from job_group where key = any($1::text[])`
const selectById = `select ${columns} from job_group where id = any($1::bigint[])`

// One server at a time, so that two which make the same groups in different orders do not wait for one another. Nothing
// is said of a group that exists: it is read afterwards.
const insertMissing = `
  with turn as materialized (select pg_advisory_xact_lock($1))
  insert into job_group (key, type, priority, constraints, fairness_key)
  select item.key, item.type, item.priority, item.constraints::json, item.fairness_key
  from turn, unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::text[])
    with ordinality as item (key, type, priority, constraints, fairness_key, place)
  order by item.place
  on conflict (key) do nothing`

/** Tells groups apart. */
const identityOf = ({ constraints, fairnessKey, priority, type }: NewGroup) =>
  canonicalJson([type, priority, constraints, fairnessKey])

// A unique index takes no values of any length.
const keyOf = (identity: string) => createHash("sha256").update(identity).digest("base64url")

export const make = (database: Database): JobGroups => {
  const byIdentity = new Map<string, JobGroup>()
  const byId = new Map<number, JobGroup>()

  const remember = (group: JobGroup) => {
    byIdentity.set(identityOf(group), group)
    byId.set(group.id, group)
    for (const [id, oldest] of byId) {
      if (byId.size <= mostRemembered) break
      byId.delete(id)
      byIdentity.delete(identityOf(oldest))
    }
    return group
  }

  const insert = (missing: ReadonlyMap<string, NewGroup>) => {
    const groups = [...missing.values()]
    return database.run(insertMissing, [
      locks.groups,
      texts([...missing.keys()].map(keyOf)),
      texts(groups.map(({ type }) => type)),
      integers(groups.map(({ priority }) => priority)),
      jsons(groups.map(({ constraints }) => constraints)),
      texts(groups.map(({ fairnessKey }) => fairnessKey))
    ])
  }

  const find = Effect.fnUntraced(function* (ids: ReadonlyArray<number>) {
    const found = new Map<number, JobGroup>()
    const missing = new Set<number>()
    for (const id of ids) {
      const known = byId.get(id)
      if (known === undefined) missing.add(id)
      else found.set(id, known)
    }
    if (missing.size > 0) {
      const rows = yield* database.query(groupRows, selectById, [bigints([...missing])])
      for (const row of rows) found.set(row.id, remember(row))
    }
    return found
  })

  const withIds = (ids: ReadonlyArray<number>) =>
    Effect.map(find(ids), (found) => ids.map((id) => present(found.get(id))))

  return {
    like: Effect.fnUntraced(function* (groups) {
      const wanted = groups.map((group) => ({ group, identity: identityOf(group) }))
      const missing = new Map<string, NewGroup>()
      const found = new Map<string, JobGroup>()
      for (const { group, identity } of wanted) {
        const known = byIdentity.get(identity)
        if (known === undefined) missing.set(identity, group)
        else found.set(identity, known)
      }
      if (missing.size > 0) {
        yield* insert(missing)
        const rows = yield* database.query(groupRows, selectByKey, [texts([...missing.keys()].map(keyOf))])
        for (const row of rows) found.set(identityOf(row), remember(row))
      }
      return wanted.map(({ identity }) => present(found.get(identity)))
    }),

    withIds,

    known: (ids) => Effect.map(find(ids), (found) => [...found.values()]),

    records: (rows) =>
      Effect.map(withIds(rows.map((row) => row.group_id)), (found) =>
        rows.map((row, index) => toJobRecord(row, present(found[index])))
      )
  }
}

// A group is never deleted, so that one which is missing is a defect.
const present = (group: JobGroup | undefined): JobGroup => {
  if (group === undefined) throw new Error("a job's group is missing in the database")
  return group
}
