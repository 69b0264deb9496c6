/** Jobs and workers for tests: created, claimed and finished over HTTP. */
import { randomUUID } from "node:crypto"
import { assert } from "@effect/vitest"
import { Schema } from "effect"
import { JobPage } from "../../src/domain/api/Jobs.ts"
import { Heartbeat } from "../../src/domain/api/Work.ts"
import { Attempt } from "../../src/domain/attempts/Attempt.ts"
import { Assignment } from "../../src/domain/jobs/Assignment.ts"
import { Job } from "../../src/domain/jobs/Job.ts"
import { type Answer, call, type CallOptions, expectStatus, jsonOf, open } from "./http.ts"
import { type EventReader, eventsOf } from "./sse.ts"
import type { Server } from "./TestServer.ts"

const reader = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) =>
  Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })

const toJob = reader(Schema.toEncoded(Job))
const toJobs = reader(Schema.toEncoded(Schema.Array(Job)))
const toPage = reader(Schema.toEncoded(JobPage))
const toAttempts = reader(Schema.toEncoded(Schema.Array(Attempt)))
const toAssignment = reader(Schema.toEncoded(Assignment))
const toAssignments = reader(Schema.toEncoded(Schema.Array(Assignment)))
const toHeartbeat = reader(Schema.toEncoded(Heartbeat))

export type WireJob = typeof Job.Encoded
export type WireAssignment = typeof Assignment.Encoded

export const jobOf = (answer: Answer) => toJob(jsonOf(answer))
export const jobsOf = (answer: Answer) => toJobs(jsonOf(answer))
export const pageOf = (answer: Answer) => toPage(jsonOf(answer))
export const attemptsOf = (answer: Answer) => toAttempts(jsonOf(answer))
export const assignmentOf = (answer: Answer) => toAssignment(jsonOf(answer))
export const assignmentsOf = (answer: Answer) => toAssignments(jsonOf(answer))
export const heartbeatOf = (answer: Answer) => toHeartbeat(jsonOf(answer))
export const jobIn = (data: string) => toJob(JSON.parse(data))
export const assignmentIn = (data: string) => toAssignment(JSON.parse(data))

/** A name that nothing else on the server has. */
export const newName = (kind: string): string => `${kind}-${randomUUID()}`

export const create = async (server: Server, body: object, options: CallOptions = {}): Promise<WireJob> =>
  jobOf(expectStatus(await call(server, "POST", "/jobs", { json: body, ...options }), 202))

export const createMany = async (server: Server, body: ReadonlyArray<object>) =>
  jobsOf(expectStatus(await call(server, "POST", "/jobs", { json: body }), 202))

export const get = async (server: Server, id: string): Promise<WireJob> =>
  jobOf(expectStatus(await call(server, "GET", `/jobs/${id}`), 200))

export const waitForEnd = async (server: Server, id: string): Promise<WireJob> =>
  jobOf(expectStatus(await call(server, "GET", `/jobs/${id}?wait=15s`), 200))

export const attempts = async (server: Server, id: string) =>
  attemptsOf(expectStatus(await call(server, "GET", `/jobs/${id}/attempts`), 200))

export const log = async (server: Server, id: string): Promise<string> =>
  expectStatus(await call(server, "GET", `/jobs/${id}/log`), 200).text

export const list = async (server: Server, query: string) =>
  pageOf(expectStatus(await call(server, "GET", `/jobs?${query}`), 200))

/** Asks for a job, and gives back the answer as it is. */
export const askFor = (
  server: Server,
  worker: string,
  body: object,
  wait = "15s",
  options: CallOptions = {}
): Promise<Answer> =>
  call(server, "POST", `/jobs/attempt?wait=${wait}`, { as: worker, json: body, ...options })

/** Asks for one job, which there must be. */
export const claim = async (
  server: Server,
  worker: string,
  body: object,
  wait = "15s"
): Promise<WireAssignment> => assignmentOf(expectStatus(await askFor(server, worker, body, wait), 201))

/** A job that was created and given to a worker. */
export const startOne = async (
  server: Server,
  job: { readonly type?: string; readonly [field: string]: unknown } = {},
  worker = newName("worker"),
  wishes: object = {}
): Promise<WireAssignment> => {
  const { type = newName("type") } = job
  await create(server, { ...job, type })
  return claim(server, worker, { types: [type], ...wishes })
}

/** The address of an attempt, or of something below it. */
export const attemptPath = ({ attempt, id }: Pick<WireAssignment, "attempt" | "id">, rest: string): string =>
  `/jobs/${id}/attempts/${attempt}/${rest}`

/** Reports on an attempt as its worker. */
export const report = (
  server: Server,
  held: WireAssignment,
  what: "result" | "error" | "failure" | "release" | "heartbeat",
  json?: unknown,
  as: string = held.assignee
): Promise<Answer> => call(server, "PUT", attemptPath(held, what), json === undefined ? { as } : { as, json })

export const finish = async (server: Server, held: WireAssignment, result: unknown = null): Promise<void> => {
  expectStatus(await report(server, held, "result", result), 201)
}

/** Follows a job. */
export const follow = async (
  server: Server,
  id: string,
  lastEventId?: string,
  signal?: AbortSignal
): Promise<EventReader> => {
  const response = await open(server, "GET", `/jobs/${id}`, {
    headers: {
      accept: "text/event-stream",
      ...(lastEventId !== undefined && { "last-event-id": lastEventId })
    },
    ...(signal !== undefined && { signal })
  })
  assert.strictEqual(response.status, 200)
  return eventsOf(response)
}
