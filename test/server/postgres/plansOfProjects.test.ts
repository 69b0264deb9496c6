/** That projects and schedules, and how they stand with their jobs, are found by index. */
import { randomUUID } from "node:crypto"
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { ProjectId } from "../../../src/domain/Identifiers.ts"
import { toRules } from "../../../src/domain/schedules/Schedule.ts"
import { make as makeDatabase } from "../../../src/server/postgres/Database.ts"
import { migrate } from "../../../src/server/postgres/Migrations.ts"
import { cancelProject, closeProject } from "../../../src/server/postgres/queries/closeProject.ts"
import {
  deleteFinishedProjects,
  finishableProjects,
  finishProjects
} from "../../../src/server/postgres/queries/finishProjects.ts"
import { fireSchedules } from "../../../src/server/postgres/queries/fireSchedules.ts"
import { lockProjects } from "../../../src/server/postgres/queries/lockProjects.ts"
import { countProject, findProject, listProjects } from "../../../src/server/postgres/queries/projects.ts"
import {
  changeSchedule,
  listSchedules,
  removeSchedule
} from "../../../src/server/postgres/queries/schedules.ts"
import { dueSchedules, findSchedule } from "../../../src/server/postgres/queries/scheduleStates.ts"
import { cancelling, newJob, submission } from "../../stores/StoreKit.ts"
import { newDatabaseLayer } from "../../support/testDatabase.ts"
import { assertByIndexAlways, rowsReadBy, runAll, type Statement } from "./Plans.ts"

const project = ProjectId.make(randomUUID())
const projectRow = {
  id: project,
  name: "name",
  metadata: {},
  created_by: null,
  created_at: new Date(),
  closed_at: new Date(),
  cancel_request: null,
  finished_at: null
}
const rules = toRules({ cron: "* * * * *", job: { type: "type" } })
const scheduleRow = {
  name: "name",
  version: 1,
  rules,
  next_tick: null,
  last_tick: null,
  last_job: null,
  created_at: new Date(),
  changed_at: new Date(),
  changed_by: null
}

/** A project for who closes or finishes one, and a schedule for who changes one. */
const found = (text: string) => {
  if (text.includes("for no key update")) return [{ id: project }]
  if (text.includes("set closed_at")) return [projectRow]
  if (text.endsWith("as at")) return [{ at: new Date() }]
  return text.includes("insert into schedule") ? [scheduleRow] : []
}

const counts = ["project_count_pkey", "job_flow_delta_project"]

const statements: ReadonlyArray<Statement> = [
  [
    "lockProjects",
    ["project_pkey"],
    (database) => lockProjects(database, [submission([newJob({ project })])])
  ],
  ["findProject", ["project_pkey"], (database) => findProject(database, project)],
  ["listProjects", ["project_pkey"], (database) => listProjects(database, undefined, 100)],
  [
    "countProject",
    ["project_pkey", ...counts, "job_project_status"],
    (database) => countProject(database, project)
  ],
  ["closeProject", ["project_pkey"], (database) => closeProject(database, project)],
  [
    "cancelProject",
    ["project_pkey", ...counts],
    (database) => cancelProject(database, project, cancelling(project))
  ],
  ["finishProjects", ["project_pkey", ...counts], (database) => finishProjects(database, [project])],
  ["finishableProjects", ["project_closing", ...counts], (database) => finishableProjects(database, 100)],
  [
    "deleteFinishedProjects",
    ["project_kept", "project_pkey", "project_count_pkey", "job_project_status"],
    (database) => deleteFinishedProjects(database, 100)
  ],
  [
    "changeSchedule",
    ["schedule_pkey"],
    (database) => changeSchedule(database, "name", null, () => ({ rules, nextTick: null }))
  ],
  ["removeSchedule", ["schedule_pkey"], (database) => removeSchedule(database, "name")],
  ["listSchedules", ["schedule_pkey"], (database) => listSchedules(database, null, 100)],
  [
    "findSchedule",
    ["schedule_pkey", "job_schedule_unfinished"],
    (database) => findSchedule(database, "name")
  ],
  [
    "dueSchedules",
    ["schedule_due", "schedule_pkey", "job_schedule_unfinished"],
    (database) => dueSchedules(database, 100, new Set(["Mars/Base"]))
  ],
  [
    "fireSchedules",
    ["schedule_pkey"],
    (database, groups) =>
      fireSchedules(database, groups, [
        { schedule: "name", version: 1, cancellations: [], jobs: [], lastTick: null, nextTick: null }
      ])
  ]
]

const jobs = 40_000

const fill = [
  `insert into job_group (key, type, priority, constraints) values ('key', 'type', 0, '[]')`,
  `insert into job (
     id, group_id, type, status, version, tags, created_at, run_at, first_run_at, attempt, parameters_size, assignee, project,
     schedule
   )
   select
     ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'type',
     (array['pending', 'scheduled', 'processing', 'done'])[1 + n / 20 % 4], 1, '{}', now(), now(), now(),
     gen_random_uuid(), 2, 'worker' || n % 10,
     case when n % 2 = 0 then ('00000000-0000-7000-a000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid end,
     case when n % 2 = 1 then 'schedule' || n % 1000 end
   from generate_series(1, ${jobs}) as n`,
  `insert into project (id, created_at, closed_at, finished_at, kept_until, name, metadata)
   select
     ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, now(), case when n % 4 > 0 then now() end,
     case when n % 4 > 1 then now() end, case when n % 4 > 1 then now() + n * interval '1 hour' end, 'name', '{}'
   from generate_series(0, 4999) as n`,
  `insert into project_count (project, scheduled, active, done, failed, cancelled) select id, 0, 0, 0, 0, 0 from project`,
  `insert into job_flow_delta (type, project, before, after, count)
   select 'type', id, '', 'done', 1 from project where id::text like '%0'`,
  `insert into schedule (name, next_tick, created_at, changed_at, rules)
   select 'schedule' || n, case when n % 2 = 0 then now() + n * interval '1 hour' end, now(), now(), '{}'
   from generate_series(1, 5000) as n`
]

const analyze = ["job", "attempt", "project", "project_count", "job_flow_delta", "schedule"].map(
  (table) => `analyze ${table}`
)

it.live("projects and schedules are found by index, whatever is known of the tables", () =>
  Effect.gen(function* () {
    yield* migrate
    yield* assertByIndexAlways(statements, found, { fill, analyze })
  }).pipe(Effect.provide(newDatabaseLayer))
)

it.live("to count the many jobs of a project, only those that run are read", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient
    yield* migrate
    yield* runAll([
      ...fill,
      `update job set project = '${project}' where status <> 'processing' or id::text like '%00'`,
      `insert into project (id, created_at, name, metadata) values ('${project}', now(), '', '{}')`
    ])
    const indexes = ["job_project", "job_project_status", ...counts]
    const read = rowsReadBy(makeDatabase(sql, Effect.succeed(null)), indexes)
    const few = yield* read((database) => countProject(database, project))
    assert.isAtLeast(few, 10)
    assert.isAtMost(few, 100)
  }).pipe(Effect.provide(newDatabaseLayer))
)
