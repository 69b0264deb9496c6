/** What `lazyboss schedule` does. */
import { DateTime, Effect, type Option, Schema } from "effect"
import { pauseSchedule } from "../../client/pauseSchedule.ts"
import { Name } from "../../domain/Identifiers.ts"
import { NewSchedule, Schedule } from "../../domain/schedules/Schedule.ts"
import { asContract, given } from "../input.ts"
import { type JobOptions, toNewJob } from "../job/newJob.ts"
import { writeJob } from "../job/showJob.ts"
import { writeFields, writeJson, writeRaw, writeTable } from "../output/output.ts"
import { describeMoment } from "../output/spans.ts"
import type { Cell } from "../output/table.ts"
import { asking, type Connection } from "../server/asking.ts"
import { firstOf } from "../server/pages.ts"

interface OfSchedule extends Connection {
  readonly name: string
  readonly json: boolean
}

const encode = Schema.encodeSync(Schedule)

const nextTick = ({ nextTicks, paused }: Schedule, now: DateTime.Utc): string | Cell =>
  paused ? { text: "paused", tone: "busy" } : describeMoment(nextTicks[0] ?? null, now)

export const list = Effect.fnUntraced(function* ({
  json,
  limit,
  ...server
}: Connection & { readonly limit: number; readonly json: boolean }) {
  const schedules = yield* asking(server, (client) =>
    firstOf(limit, Name, (page) => client.schedules.list({ query: page }))
  )
  if (json) return yield* writeJson(schedules.map((schedule) => encode(schedule)))
  const now = yield* DateTime.now
  yield* writeTable<Schedule>(
    [
      { title: "NAME", cell: ({ name }) => name, mayShrink: true },
      { title: "CRON", cell: ({ cron }) => cron },
      { title: "TIME ZONE", cell: ({ timeZone }) => timeZone },
      { title: "TYPE", cell: ({ job }) => job.type, mayShrink: true },
      { title: "NEXT", cell: (schedule) => nextTick(schedule, now) },
      { title: "LAST", cell: ({ lastTick }) => describeMoment(lastTick, now) }
    ],
    schedules,
    "there are no schedules"
  )
})

const write = (schedule: Schedule, json: boolean) =>
  json
    ? writeJson(encode(schedule))
    : Effect.flatMap(DateTime.now, (now) =>
        writeFields([
          ["name", schedule.name],
          ["cron", schedule.cron],
          ["time zone", schedule.timeZone],
          ["job", JSON.stringify(encode(schedule).job)],
          ["overlap", schedule.overlap],
          ["catch up", schedule.catchUp],
          ["next", nextTick(schedule, now)],
          ...schedule.nextTicks.map((tick) => ["tick", DateTime.formatIso(tick)] as const),
          ["last tick", describeMoment(schedule.lastTick, now)],
          ["last job", schedule.lastJob],
          ["changed", describeMoment(schedule.changedAt, now)],
          ["changed by", schedule.changedBy]
        ])
      )

export const get = ({ json, name, ...server }: OfSchedule) =>
  Effect.flatMap(
    asking(server, ({ schedules }) => schedules.get({ params: { name } })),
    (schedule) => write(schedule, json)
  )

interface PutGiven extends OfSchedule {
  readonly cron: string
  readonly type: string
  readonly parameters: Option.Option<string>
  readonly options: JobOptions
  readonly timeZone: Option.Option<string>
  readonly overlap: Option.Option<string>
  readonly catchUp: Option.Option<string>
  readonly paused: boolean
}

export const put = Effect.fnUntraced(function* (wish: PutGiven) {
  const { catchUp, cron, name, overlap, paused, timeZone } = wish
  const job = yield* toNewJob(wish.type, wish.parameters, wish.options)
  const payload = yield* asContract(NewSchedule, {
    cron,
    job,
    paused,
    ...given({ timeZone, overlap, catchUp })
  })
  const schedule = yield* asking(wish, ({ schedules }) => schedules.put({ params: { name }, payload }))
  yield* write(schedule, wish.json)
})

export const remove = ({ name, ...server }: Omit<OfSchedule, "json">) =>
  Effect.andThen(
    asking(server, ({ schedules }) => schedules.remove({ params: { name } })),
    writeRaw(`${name} is deleted\n`)
  )

export const run = ({ json, name, ...server }: OfSchedule) =>
  Effect.flatMap(
    asking(server, ({ schedules }) => schedules.run({ params: { name } })),
    (job) => (json ? writeJob(job, true) : writeRaw(`${job.id}\n`))
  )

export const setPaused = ({ json, name, ...server }: OfSchedule, paused: boolean) =>
  Effect.flatMap(
    asking(server, (client) => pauseSchedule(client, name, paused)),
    (schedule) =>
      json
        ? writeJson(encode(schedule))
        : writeRaw(`${name} is ${schedule.paused ? "paused" : "not paused"}\n`)
  )
