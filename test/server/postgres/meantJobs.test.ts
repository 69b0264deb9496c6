/** That a bulk action finds the few jobs that it means among many, in small steps. */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import type { BulkPage } from "../../../src/domain/jobs/BulkActionRepo.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { make as makeDatabase } from "../../../src/server/postgres/Database.ts"
import { migrate } from "../../../src/server/postgres/Migrations.ts"
import { countMeantJobs, meantJobs, type Meaning } from "../../../src/server/postgres/queries/meantJobs.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"

const rows = 12_001

// Every thousandth job is not finished; of those that are, every second is done.
const fill = `
  insert into job (id, group_id, type, status, version, tags, created_at, run_at, first_run_at, finished_at, parameters_size)
  select
    ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'type',
    case when n % 1000 = 0 then 'pending' when n % 2 = 0 then 'done' else 'cancelled' end, 1,
    case when n % 3000 = 0 then array['x'] else '{}' end, now(), now(), now(),
    case when n % 1000 <> 0 then now() end, 2
  from generate_series(1, ${rows}) as n`

it.live("looks at no more than a part of the jobs at a time, and misses none", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* migrate
    yield* sql.unsafe(fill).unprepared
    const database = makeDatabase(sql, Effect.succeed(null))
    const createdAt = DateTime.add(yield* DateTime.now, { hours: 1 })

    const pages = Effect.fnUntraced(function* (meaning: Meaning) {
      const sizes: Array<number> = []
      let cursor: JobId | null = null
      while (true) {
        const page: BulkPage = yield* meantJobs(database, { ...meaning, cursor }, 1_000)
        sizes.push(page.jobs.length)
        if (page.isLast) return sizes
        cursor = page.cursor
      }
    })

    const cancel: Meaning = { action: "cancel", filter: {}, createdAt, cursor: null }
    assert.deepStrictEqual(yield* pages(cancel), [5, 5, 2])
    assert.strictEqual(yield* countMeantJobs(database, cancel), 12)
    assert.deepStrictEqual(yield* pages({ ...cancel, filter: { tag: "x" } }), [2, 2, 0])
    assert.deepStrictEqual(yield* pages({ ...cancel, filter: { type: "other" } }), [0])

    const retry: Meaning = { action: "retry", filter: { type: "type" }, createdAt, cursor: null }
    assert.strictEqual(yield* countMeantJobs(database, retry), 6_001)
    assert.deepStrictEqual(yield* pages(retry), [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1])
  }).pipe(Effect.provide(newDatabaseLayer))
)
