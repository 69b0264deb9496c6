/** What `lazyboss job` does. */
import { Duration, Effect, Option } from "effect"
import type { LazybossClient } from "../../client/LazybossClient.ts"
import { persistently } from "../../client/Reconnecting.ts"
import { JobId } from "../../domain/Identifiers.ts"
import { isFinished, Job, NewJob } from "../../domain/jobs/Job.ts"
import { JobConditions } from "../../domain/jobs/JobConditions.ts"
import { asContract, given } from "../input.ts"
import { isWatched, remark, writeJson, writeRaw } from "../output/output.ts"
import { type AnyError, asking, type Connection } from "../server/asking.ts"
import { firstOf } from "../server/pages.ts"
import { followJob } from "./followJob.ts"
import { type JobOptions, toNewJob } from "./newJob.ts"
import { mustBeDone, writeExplanation, writeJob, writeJobs } from "./showJob.ts"

type Client = typeof LazybossClient.Service

interface OfJob extends Connection {
  readonly id: JobId
}

/** How long one request waits for a job's end. The server lets none wait for longer than ten minutes. */
const longestWait = Duration.minutes(5)

const expectJob = (answer: Job | string | void) =>
  typeof answer === "object" ? Effect.succeed(answer) : Effect.die(new Error("not a job"))

const getJob = ({ jobs }: Client, id: JobId, wait: Duration.Duration) =>
  Effect.flatMap(jobs.get({ params: { id }, query: { wait }, headers: {} }), expectJob)

const waitFor = (client: Client, id: JobId) =>
  Effect.repeat(persistently(getJob(client, id, longestWait)), { until: ({ status }) => isFinished(status) })

export interface CreateGiven extends Connection {
  readonly type: string
  readonly parameters: Option.Option<string>
  readonly options: JobOptions & {
    readonly delay: Option.Option<string>
    readonly runAt: Option.Option<string>
    readonly project: Option.Option<string>
  }
  readonly idempotencyKey: Option.Option<string>
  readonly wait: boolean
  readonly follow: boolean
  readonly json: boolean
}

export const create = Effect.fnUntraced(function* (wish: CreateGiven) {
  const payload = yield* asContract(NewJob, yield* toNewJob(wish.type, wish.parameters, wish.options))
  const headers = { "idempotency-key": Option.getOrUndefined(wish.idempotencyKey) }
  const created = yield* asking(wish, ({ jobs }) => jobs.create({ headers, payload }))
  if (!("id" in created)) return yield* Effect.die(new Error("not a job"))
  if (wish.follow) {
    yield* remark(`job ${created.id} is created`)
    return yield* followJob(wish, created.id, wish.json)
  }
  if (wish.wait) {
    const job = yield* asking(wish, (client) => waitFor(client, created.id))
    if (wish.json) yield* writeJob(job, true)
    else if (job.status === "done") yield* writeJson(job.result)
    return yield* mustBeDone(job)
  }
  if (wish.json) return yield* writeJob(created, true)
  if (isWatched()) yield* remark(`the job is ${created.status}: lazyboss job follow ${created.id}`)
  yield* writeRaw(`${created.id}\n`)
})

export const get = ({ id, json, ...server }: OfJob & { readonly json: boolean }) =>
  Effect.flatMap(
    asking(server, (client) => getJob(client, id, Duration.zero)),
    (job) => writeJob(job, json)
  )

export const follow = ({ id, json, ...server }: OfJob & { readonly json: boolean }) =>
  followJob(server, id, json)

export const explain = ({ id, json, ...server }: OfJob & { readonly json: boolean }) =>
  Effect.flatMap(
    asking(server, ({ jobs }) => jobs.explain({ params: { id } })),
    (explanation) => writeExplanation(explanation, json)
  )

export const log = ({ id, ...server }: OfJob) =>
  Effect.flatMap(
    asking(server, ({ jobs }) => jobs.log({ params: { id }, headers: {} })),
    writeRaw
  )

interface ListGiven extends Connection {
  readonly conditions: Readonly<Record<keyof JobConditions, Option.Option<string>>>
  readonly limit: number
  readonly json: boolean
}

export const list = Effect.fnUntraced(function* ({ conditions, json, limit, ...server }: ListGiven) {
  const query = yield* asContract(JobConditions, given(conditions))
  const jobs = yield* asking(server, (client) =>
    firstOf(limit, JobId, (page) => client.jobs.list({ query: { ...query, ...page } }))
  )
  yield* writeJobs(jobs, json)
})

interface OfJobs extends Connection {
  readonly ids: ReadonlyArray<JobId>
  readonly json: boolean
}

// Each by itself: those before one that is refused have been decided, and are told of.
const decideAll = <E extends AnyError>(
  { ids, json, ...server }: OfJobs,
  decide: (client: Client, id: JobId) => Effect.Effect<Job, E>
) =>
  Effect.forEach(
    ids,
    (id) =>
      Effect.flatMap(
        asking(server, (client) => decide(client, id)),
        (job) => (json ? writeJob(job, true) : writeRaw(`${job.id} is ${job.status}\n`))
      ),
    { discard: true }
  )

export const cancel = ({ reason, ...wish }: OfJobs & { readonly reason: Option.Option<string> }) =>
  decideAll(wish, ({ jobs }, id) => jobs.cancel({ params: { id }, query: given({ reason }) }))

export const retry = (wish: OfJobs) => decideAll(wish, ({ jobs }, id) => jobs.retry({ params: { id } }))
