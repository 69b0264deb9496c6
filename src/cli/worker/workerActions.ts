/** What `lazyboss worker` does. */
import { DateTime, Effect, type Option, Schema } from "effect"
import { Name } from "../../domain/Identifiers.ts"
import { Worker, type WorkerState } from "../../domain/workers/Worker.ts"
import { given } from "../input.ts"
import { writeFields, writeJson, writeRaw, writeTable } from "../output/output.ts"
import { describeMoment } from "../output/spans.ts"
import type { Cell } from "../output/table.ts"
import { describeSkills } from "../../text/describe.ts"
import { asking, type Connection } from "../server/asking.ts"
import { firstOf } from "../server/pages.ts"

interface OfWorker extends Connection {
  readonly name: string
  readonly json: boolean
}

const encode = Schema.encodeSync(Worker)

const stateCell = ({ present, quarantines, state }: Worker): Cell => {
  if (state !== "active") return { text: state, tone: "bad" }
  if (!present) return { text: "gone", tone: "quiet" }
  return quarantines.length > 0 ? { text: "quarantined", tone: "busy" } : { text: "active", tone: "good" }
}

const countOf = ({ record }: Worker, field: "done" | "failed" | "lost"): number =>
  record.reduce((total, one) => total + one[field], 0)

const number = (value: number): string => String(value)

export const list = Effect.fnUntraced(function* ({
  json,
  limit,
  state,
  ...server
}: Connection & {
  readonly state: Option.Option<WorkerState>
  readonly limit: number
  readonly json: boolean
}) {
  const workers = yield* asking(server, (client) =>
    firstOf(limit, Name, (page) => client.workers.list({ query: { ...given({ state }), ...page } }))
  )
  if (json) return yield* writeJson(workers.map((worker) => encode(worker)))
  const now = yield* DateTime.now
  yield* writeTable<Worker>(
    [
      { title: "NAME", cell: ({ name }) => name, mayShrink: true },
      { title: "STATE", cell: stateCell },
      { title: "RUNNING", cell: ({ running }) => number(running.length), isNumber: true },
      { title: "DONE", cell: (worker) => number(countOf(worker, "done")), isNumber: true },
      { title: "FAILED", cell: (worker) => number(countOf(worker, "failed")), isNumber: true },
      { title: "LOST", cell: (worker) => number(countOf(worker, "lost")), isNumber: true },
      { title: "SEEN", cell: ({ lastSeenAt }) => describeMoment(lastSeenAt, now) },
      {
        title: "TYPES",
        cell: ({ types }) => (types.length === 0 ? "any" : types.join(", ")),
        mayShrink: true
      },
      { title: "SKILLS", cell: ({ skills }) => describeSkills(skills), mayShrink: true }
    ],
    workers,
    "no worker has been heard of"
  )
})

const write = (worker: Worker, json: boolean) =>
  json
    ? writeJson(encode(worker))
    : Effect.flatMap(DateTime.now, (now) =>
        writeFields([
          ["name", worker.name],
          ["state", stateCell(worker)],
          ["reason", worker.reason],
          ["decided by", worker.changedBy],
          // A decision on a worker that is to come is known before the worker is.
          ["first seen", worker.lastSeenAt === null ? null : describeMoment(worker.firstSeenAt, now)],
          ["last seen", describeMoment(worker.lastSeenAt, now)],
          ["types", worker.types.length === 0 ? "any" : worker.types.join(", ")],
          ["skills", describeSkills(worker.skills) || null],
          ...worker.running.map(
            ({ job, startedAt, type }) =>
              ["running", `${type} ${job}, since ${describeMoment(startedAt, now)}`] as const
          ),
          ...worker.record.map(
            ({ done, failed, lost, type }) =>
              ["record", `${type}: ${done} done, ${failed} failed, ${lost} lost`] as const
          ),
          ...worker.quarantines.map(
            ({ type, until }) => ["quarantined", `${type}, ends ${describeMoment(until, now)}`] as const
          )
        ])
      )

export const get = ({ json, name, ...server }: OfWorker) =>
  Effect.flatMap(
    asking(server, ({ workers }) => workers.get({ params: { name } })),
    (worker) => write(worker, json)
  )

// The worker may come later, or its name be mistyped.
const describeDecision = ({ lastSeenAt, name, state }: Worker): string =>
  `${name} is ${state}${lastSeenAt === null ? " (no worker of this name has been seen yet)" : ""}`

export const decide = (
  { json, name, reason, ...server }: OfWorker & { readonly reason: Option.Option<string> },
  state: WorkerState
) =>
  Effect.flatMap(
    asking(server, ({ workers }) =>
      workers.decide({ params: { name }, payload: { state, ...given({ reason }) } })
    ),
    (worker) => (json ? writeJson(encode(worker)) : writeRaw(`${describeDecision(worker)}\n`))
  )
