/** That what is done all the time is done by index, whatever the planner knows of the tables when it plans. */
import { randomUUID } from "node:crypto"
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Array as Arr, Duration, Effect } from "effect"
import { AttemptId, JobId } from "../../../src/domain/Identifiers.ts"
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import type { ProgressWrite } from "../../../src/domain/attempts/SignOfLife.ts"
import { done } from "../../../src/domain/attempts/Lifecycle.ts"

import { make as makeDatabase } from "../../../src/server/postgres/Database.ts"
import * as JobGroups from "../../../src/server/postgres/JobGroups.ts"
import * as ClaimStarts from "../../../src/server/postgres/ClaimStarts.ts"
import { planFreely } from "../../../src/server/postgres/plannerSettings.ts"
import { migrate } from "../../../src/server/postgres/Migrations.ts"
import { amend } from "../../../src/server/postgres/queries/amend.ts"
import { takeBulkAction } from "../../../src/server/postgres/queries/bulkActions.ts"
import { cancel } from "../../../src/server/postgres/queries/cancel.ts"
import { claim } from "../../../src/server/postgres/queries/claim.ts"
import { deleteFinished } from "../../../src/server/postgres/queries/deleteFinished.ts"
import { end } from "../../../src/server/postgres/queries/end.ts"
import { expire } from "../../../src/server/postgres/queries/expire.ts"
import { list } from "../../../src/server/postgres/queries/list.ts"
import { find } from "../../../src/server/postgres/queries/find.ts"
import { heldBy } from "../../../src/server/postgres/queries/heldBy.ts"
import { findWorkers, listWorkers, presentWorkers } from "../../../src/server/postgres/queries/findWorkers.ts"
import { forgetWorkers } from "../../../src/server/postgres/queries/forgetWorkers.ts"
import { noticeGoneWorkers } from "../../../src/server/postgres/queries/noticeGoneWorkers.ts"
import { oldestFinished } from "../../../src/server/postgres/queries/oldestFinished.ts"
import { oldestPending } from "../../../src/server/postgres/queries/oldestPending.ts"
import { outlook } from "../../../src/server/postgres/queries/outlook.ts"
import { overdue } from "../../../src/server/postgres/queries/overdue.ts"
import { pendingGroups } from "../../../src/server/postgres/queries/pendingGroups.ts"
import { promote } from "../../../src/server/postgres/queries/promote.ts"
import { quarantineWorkers } from "../../../src/server/postgres/queries/quarantineWorkers.ts"
import { recordProgress } from "../../../src/server/postgres/queries/recordProgress.ts"
import { rememberBegun } from "../../../src/server/postgres/queries/rememberBegun.ts"
import { renew } from "../../../src/server/postgres/queries/renew.ts"
import { usage } from "../../../src/server/postgres/queries/usage.ts"
import { relaxed, unclaimed } from "../../../src/server/postgres/queries/waited.ts"
import { aJob } from "../../domain/support/records.ts"
import { cancellation, claimOf, newSlots } from "../../stores/StoreKit.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"
import {
  assertByIndexAlways,
  explaining,
  nodesOf,
  planRows,
  rowsReadBy,
  runAll,
  type Statement
} from "./Plans.ts"

const jobs = Arr.makeBy(10, () => JobId.make(randomUUID()))
const attempts = jobs.map(() => AttemptId.make(randomUUID()))
const group = { id: 1, type: "type", priority: 0, constraints: [], fairnessKey: null }
const clocks = {
  lease: Duration.minutes(1),
  maxRun: Duration.minutes(1),
  pickup: null,
  limits: null,
  turn: 0,
  better: null
}
const renewals = Arr.zipWith(jobs, attempts, (job, attempt): Holding => ({ job, attempt, worker: "w" }))
const writes = renewals.map(({ attempt, job }): ProgressWrite => ({
  job,
  attempt,
  mark: 0,
  events: [{ id: 1, event: "log_chunk", data: "x" }],
  percent: 1,
  message: "m",
  checkpoint: {}
}))
const slots = attempts.map((attempt) => ({ attempt, worker: "w", lease: null }))
const ends = renewals.map((renewal) => ({
  ...renewal,
  transition: done(null),
  cancelling: null,
  onlyIfOverdue: false
}))

const cancellations = jobs.map((job) => cancellation(job, Duration.zero))

const rateLimit = { limit: 1, period: Duration.minutes(1) }
const limits = { concurrency: 1, perWorker: 1, perFairnessKey: 1, rateLimit }
const limited = [{ type: "type", limits, keys: new Set(["key", null]) }]
const quarantine = { failures: 5, within: Duration.minutes(5), for: Duration.minutes(10) }
/** Groups of which every one is known that is asked for. */
const knowing = (groups: JobGroups.JobGroups): JobGroups.JobGroups => ({
  ...groups,
  withIds: (ids) => Effect.succeed(ids.map((id) => ({ ...group, id })))
})
const tenant = { ...group, fairnessKey: "key" }
const several = [1, 2].map((id) => ({ group: { ...group, id }, ...clocks }))
const worker = {
  name: "worker",
  state: "active",
  reason: null,
  changed_by: null,
  first_seen_at: new Date(),
  last_seen_at: null,
  is_present: true,
  types: [],
  skills: {},
  accepts: []
}
/**
 * A job for who looks for the first jobs of groups, a worker for who looks for workers, a place in line, and a group that has
 * pending jobs: they ask for more then.
 */
const found = (text: string) =>
  text.includes("as look")
    ? [{ place: 1, id: jobs[0], version: 1, run_at: new Date(), waited: 0, failed_by: null }]
    : text.includes("from worker where name = any")
      ? [worker]
      : text.includes("as ahead")
        ? [{ at: new Date(), ahead: 0 }]
        : text.includes("as id from pending")
          ? [{ id: group.id }]
          : []

const statements: ReadonlyArray<Statement> = [
  [
    "claim",
    ["job_pending"],
    (database) => claim(database, ClaimStarts.make(), claimOf([{ group, ...clocks }], slots))
  ],
  [
    "claim of accepted jobs",
    ["job_pending"],
    (database) =>
      claim(
        database,
        ClaimStarts.make(),
        claimOf([{ group, ...clocks }], slots, [{ op: "exists", tag: "t" }])
      )
  ],
  [
    "claim of several sources",
    ["job_pending"],
    (database) => claim(database, ClaimStarts.make(), claimOf(several, slots))
  ],
  [
    "claim of accepted jobs of several sources",
    ["job_pending"],
    (database) => claim(database, ClaimStarts.make(), claimOf(several, slots, [{ op: "exists", tag: "t" }]))
  ],
  [
    "claim by choosing",
    ["job_pending", "attempt_job"],
    (database) => claim(database, ClaimStarts.make(), claimOf([{ group: tenant, ...clocks }], slots))
  ],
  ["usage", ["job_running"], (database) => usage(database, limited, new Set(["w"]))],
  [
    "rememberBegun",
    ["begun_attempts_pkey"],
    (database) => rememberBegun(database, [{ type: "type", rateLimit, count: 1 }], 0)
  ],
  ["pendingGroups", ["job_pending"], (database, groups) => pendingGroups(database, knowing(groups))],
  ["oldestPending", ["job_pending"], (database) => oldestPending(database, ["type"])],
  ["end", ["job_pkey"], (database, groups) => end(database, groups, ends)],
  ["renew", ["attempt_pkey"], (database, groups) => renew(database, groups, renewals)],
  ["recordProgress", ["attempt_pkey"], (database, groups) => recordProgress(database, groups, writes)],
  ["cancel", ["job_pkey"], (database, groups) => cancel(database, groups, cancellations)],
  ["find", ["job_pkey"], (database, groups) => find(database, groups, jobs)],
  ["heldBy", ["job_running"], (database, groups) => heldBy(database, groups, "w", 100)],
  [
    "findWorkers",
    ["worker_pkey", "worker_record_pkey", "job_running"],
    // Without the quarantines: these are few, and may be read by any index.
    (database) => findWorkers({ ...database, queryAtTime: () => Effect.succeed([]) }, ["worker"])
  ],
  [
    "noticeGoneWorkers",
    ["worker_present", "worker_pkey", "job_running"],
    (database) => noticeGoneWorkers(database, 100)
  ],
  ["overdue", ["job_check"], (database, groups) => overdue(database, groups, 100)],
  ["promote", ["job_scheduled"], (database, groups) => promote(database, groups, 100)],
  ["expire", ["job_expiring"], (database, groups) => expire(database, groups, 100)],
  [
    "amend",
    ["job_pkey"],
    (database, groups) =>
      amend(
        database,
        groups,
        jobs.map((job) => ({ job, amendment: { priority: 1 } }))
      )
  ],
  [
    "unclaimed",
    ["job_pending", "job_scheduled", "duty_mark_pkey"],
    (database, groups) => unclaimed(database, knowing(groups), () => [Duration.minutes(1)], 100)
  ],
  [
    "relaxed",
    ["job_pending", "job_scheduled", "duty_mark_pkey"],
    (database, groups) => relaxed(database, knowing(groups), () => [Duration.minutes(1)], 100)
  ],
  [
    "outlook",
    ["job_pending"],
    (database) => outlook(database, { job: { ...aJob(), group }, limits: null, workers: new Set() })
  ],
  ["oldestFinished", ["job_done_age", "job_dead_age"], oldestFinished],
  [
    "deleteFinished",
    [
      "job_done_age",
      "job_dead_age",
      "attempt_job",
      "progress_event_pkey",
      "job_retry_pkey",
      "job_amendment_pkey"
    ],
    (database) =>
      deleteFinished(
        database,
        (["done", "failed"] as const).map((kind) => ({ type: "type", kind, age: Duration.days(1) })),
        100
      )
  ],
  [
    "takeBulkAction",
    ["bulk_action_open", "bulk_action_pkey"],
    (database) => takeBulkAction(database, Duration.minutes(1))
  ],
  [
    "forgetWorkers",
    ["worker_gone", "worker_pkey", "worker_record_pkey", "worker_quarantine_pkey", "worker_failure_age"],
    (database) => forgetWorkers(database, 100)
  ],
  [
    "quarantineWorkers",
    ["worker_failure_of"],
    (database) => quarantineWorkers(database, [{ worker: "w", type: "type", quarantine }])
  ],
  [
    "listWorkers",
    ["worker_pkey"],
    (database) => listWorkers(database, { after: null, state: null, limit: 100 })
  ],
  ["presentWorkers", ["worker_pkey"], (database) => presentWorkers(database, 100)],
  [
    "listWorkers that are restricted",
    ["worker_restricted"],
    (database) => listWorkers(database, { after: null, state: "banned", limit: 100 })
  ]
]

const rows = 40_000
const groups = 20

const fill = [
  `insert into job_group (key, type, priority, constraints)
   select 'key' || n, 'type' || n, 0, '[]' from generate_series(1, ${groups}) as n`,
  `insert into job (
     id, group_id, type, status, version, tags, created_at, run_at, first_run_at, attempt, expires_at, parameters_size,
     assignee, check_at
   )
   select
     ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1 + n % ${groups}, 'type',
     (array['pending', 'scheduled', 'processing', 'done'])[1 + n / ${groups} % 4], 1, '{}',
     now(), now() + n * interval '1 second', now(), ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
     now() + n * interval '1 second', 2, 'worker' || n % 10, now() + interval '1 hour'
   from generate_series(1, ${rows}) as n`,
  `insert into attempt (
     id, job_id, number, worker, started_at, lease, lease_expires_at, max_run, run_until, started_version,
     ended_at, outcome
   )
   select
     attempt, id, 1, 'worker', now(), 1, now(), 1, now(), 1,
     case when status = 'done' then now() end, case when status = 'done' then 'done' end
   from job`,
  `insert into begun_attempts (type, at, count)
   select 'type' || n % 100, now() + n * interval '1 second', 1 from generate_series(1, 5000) as n`,
  `insert into worker (name, state, first_seen_at, last_seen_at, is_present)
   select 'worker' || n, case when n % 1000 = 0 then 'banned' else 'active' end, now(), now(), n % 2 = 0
   from generate_series(1, 5000) as n`,
  `insert into worker_record (worker, type, done, failed, lost, runs)
   select 'worker' || n, 'type', 1, 0, 0, '{}' from generate_series(1, 5000) as n`,
  `insert into worker_failure (worker, type, at)
   select 'worker' || n, 'type', now() from generate_series(1, 5000) as n`,
  `insert into worker_quarantine (worker, type, until)
   select 'worker' || n, 'type', now() from generate_series(1, 5000) as n`
]

const analyze = [
  "analyze job_group",
  "analyze begun_attempts",
  "analyze job",
  "analyze attempt",
  "analyze job_payload",
  "analyze worker",
  "analyze worker_record",
  "analyze worker_failure",
  "analyze worker_quarantine"
]

it.live("finds by index, whether the tables are known to be empty, small or large, or not known at all", () =>
  Effect.gen(function* () {
    yield* migrate
    yield* assertByIndexAlways(statements, found, { fill, analyze })
  }).pipe(Effect.provide(newDatabaseLayer))
)

it.live("reads a few rows for a claim and for the groups, of many", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* migrate
    yield* runAll(fill)
    const database = makeDatabase(sql, Effect.succeed(null))
    const read = rowsReadBy(database, ["job_pending"])
    const sources = [{ group, ...clocks }]
    const one = claimOf(sources, newSlots(1))
    assert.isAtMost(yield* read((database) => claim(database, ClaimStarts.make(), one)), 19)
    assert.isAtMost(
      yield* read((database) => claim(database, ClaimStarts.make(), claimOf(sources, slots))),
      37
    )
    const all = Arr.makeBy(groups, (index) => ({ ...clocks, group: { ...group, id: index + 1 } }))
    const ofAll = claimOf(all, newSlots(1))
    // The horizon is found in each group, and what comes before it is read in each once more.
    assert.isAtMost(yield* read((database) => claim(database, ClaimStarts.make(), ofAll)), 3 * groups)
    const tenants = Arr.makeBy(groups, (index) => ({ ...clocks, group: { ...tenant, id: index + 1 } }))
    const inTurn = { ...one, sources: tenants }
    assert.isAtMost(yield* read((database) => claim(database, ClaimStarts.make(), inTurn)), 2 * groups)
    assert.isAtMost(yield* read((database) => pendingGroups(database, JobGroups.make(database))), groups + 1)
    assert.isAtMost(yield* read((database) => oldestPending(database, ["type"])), groups + 1)
  }).pipe(Effect.provide(newDatabaseLayer))
)

it.live("lists by index what is rare among many", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* migrate
    yield* runAll([...fill, "update job set status = 'failed' where status = 'done'", ...analyze])
    const database = makeDatabase(sql, Effect.succeed(null))
    for (const [filter, index] of [
      [{ type: "other" }, "job_type"],
      [{ schedule: "other" }, "job_schedule"],
      [{ status: "done" }, "job_done"]
    ] as const) {
      const calls: Array<readonly [string, ReadonlyArray<unknown>]> = []
      const note = explaining(database, (text, parameters) => calls.push([text, parameters]))
      yield* list(note, JobGroups.make(database), { ...filter, limit: 100 })
      const plans = yield* Effect.forEach(calls, ([text, parameters]) =>
        database.transaction(
          Effect.andThen(
            database.run(planFreely),
            database.query(planRows, `explain (format json) ${text}`, parameters)
          )
        )
      )
      const indexes = plans
        .flat()
        .flatMap((row) => nodesOf(row["QUERY PLAN"][0].Plan).map((node) => node["Index Name"]))
      assert.include(indexes, index, JSON.stringify(filter))
    }
  }).pipe(Effect.provide(newDatabaseLayer))
)
