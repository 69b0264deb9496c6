/** What there is to know of each endpoint of the contract, for the tests that try all of them. */
import { randomUUID } from "node:crypto"
import { Api } from "../../src/domain/api/Api.ts"
import type { Role } from "../../src/domain/access/Token.ts"
import type { WireAssignment } from "./jobs.ts"

export interface Row {
  /** What it is sent when all is well. */
  readonly body: "none" | "fields" | "any JSON" | "events"
  /** A body that is well, if there is one. */
  readonly good?: unknown
  readonly needsIdentity: boolean
  /** Whose token is let in, beside a supervisor's; null where nobody is asked for one. */
  readonly role: Role | null
  /** Another one whose token is let in. */
  readonly otherRole?: Role
  readonly accepts: ReadonlyArray<string>
  /** The most bytes of a body. */
  readonly largest?: number
  /** The problem if there is nothing with the id; `job-not-found` unless this says otherwise. */
  readonly unknownId?: string
  /** A body with a field of the wrong type. */
  readonly wrongType?: unknown
}

export const MiB = 1_048_576
const json = ["application/json"]
const client = { needsIdentity: false, role: "client" } as const
const worker = { needsIdentity: true, role: "worker" } as const
const supervisor = { needsIdentity: false, role: "supervisor" } as const
const public_ = { needsIdentity: false, role: null }

/** Every endpoint of the contract has its row here. */
export const rows: Record<string, Row> = {
  "POST /jobs": {
    ...client,
    body: "fields",
    good: { type: "conventional" },
    wrongType: { type: "conventional", priority: "high" },
    accepts: json,
    largest: 16 * MiB
  },
  "GET /jobs": { ...client, body: "none", accepts: json },
  "GET /jobs/:id": { ...client, body: "none", accepts: [...json, "text/event-stream"] },
  "GET /jobs/:id/attempts": { ...client, body: "none", accepts: json },
  "GET /jobs/:id/attempts/:attempt": { ...client, otherRole: "worker", body: "none", accepts: json },
  "GET /jobs/:id/explain": { ...client, body: "none", accepts: json },
  "GET /jobs/:id/log": { ...client, body: "none", accepts: ["text/plain"] },
  "PATCH /jobs/:id": {
    ...client,
    body: "fields",
    good: { priority: 1 },
    wrongType: { priority: "high" },
    accepts: json
  },
  "DELETE /jobs/:id": { ...client, body: "none", accepts: json },
  "POST /jobs/:id/retry": { ...client, body: "none", accepts: json },
  "POST /jobs/actions": {
    ...supervisor,
    body: "fields",
    good: { action: "retry", filter: { type: "nothing" } },
    wrongType: { action: 1 },
    accepts: json
  },
  "GET /jobs/actions/:id": {
    ...supervisor,
    body: "none",
    accepts: json,
    unknownId: "bulk-action-not-found"
  },
  "POST /projects": {
    ...client,
    body: "fields",
    good: { name: "conventional" },
    wrongType: { name: "conventional", closed: "yes" },
    accepts: json,
    largest: 16 * MiB
  },
  "GET /projects": { ...client, body: "none", accepts: json },
  "GET /projects/:id": {
    ...client,
    body: "none",
    accepts: [...json, "text/event-stream"],
    unknownId: "project-not-found"
  },
  "PATCH /projects/:id": {
    ...client,
    body: "fields",
    good: { closed: true },
    wrongType: { closed: "yes" },
    accepts: json,
    unknownId: "project-not-found"
  },
  "DELETE /projects/:id": { ...client, body: "none", accepts: json, unknownId: "project-not-found" },
  "POST /jobs/attempt": {
    ...worker,
    body: "fields",
    good: { types: ["nothing"] },
    wrongType: { max: "many" },
    accepts: [...json, "text/event-stream"]
  },
  "PUT /jobs/:id/attempts/:attempt/result": { ...worker, body: "any JSON", accepts: json },
  "PUT /jobs/:id/attempts/:attempt/error": { ...worker, body: "any JSON", accepts: json },
  "PUT /jobs/:id/attempts/:attempt/failure": { ...worker, body: "any JSON", accepts: json },
  "PUT /jobs/:id/attempts/:attempt/release": { ...worker, body: "none", accepts: json },
  "PUT /jobs/:id/attempts/:attempt/heartbeat": { ...worker, body: "none", accepts: json },
  "PUT /jobs/:id/attempts/:attempt/progress": { ...worker, body: "events", accepts: ["text/event-stream"] },
  "POST /outcomes": {
    ...worker,
    body: "fields",
    good: [{ job: randomUUID(), attempt: randomUUID(), result: 1 }],
    wrongType: [{ job: 1, attempt: randomUUID(), result: 1 }],
    accepts: json,
    largest: 16 * MiB
  },
  "GET /policies": { ...supervisor, body: "none", accepts: json },
  "GET /policies/:type": { ...supervisor, body: "none", accepts: json },
  "PUT /policies/:type": {
    ...supervisor,
    body: "fields",
    good: { lease: "60s" },
    wrongType: { maxAttempts: "many" },
    accepts: json
  },
  "DELETE /policies/:type": { ...supervisor, body: "none", accepts: json },
  "GET /types": { ...supervisor, body: "none", accepts: json },
  "GET /types/:type": { ...supervisor, body: "none", accepts: json },
  "GET /stats": { ...supervisor, body: "none", accepts: json },
  "GET /metrics": { ...supervisor, body: "none", accepts: ["text/plain"] },
  "GET /workers": { ...supervisor, body: "none", accepts: json },
  "GET /workers/:name": { ...supervisor, body: "none", accepts: json },
  "PATCH /workers/:name": {
    ...supervisor,
    body: "fields",
    good: { state: "active" },
    wrongType: { state: "sleepy" },
    accepts: json
  },
  "GET /schedules": { ...supervisor, body: "none", accepts: json },
  "GET /schedules/:name": { ...supervisor, body: "none", accepts: json, unknownId: "schedule-not-found" },
  "PUT /schedules/:name": {
    ...supervisor,
    body: "fields",
    good: { cron: "0 0 1 1 *", job: { type: "conventional" } },
    wrongType: { cron: 5, job: { type: "conventional" } },
    accepts: json
  },
  "DELETE /schedules/:name": { ...supervisor, body: "none", accepts: json, unknownId: "schedule-not-found" },
  "POST /schedules/:name/run": {
    ...supervisor,
    body: "none",
    accepts: json,
    unknownId: "schedule-not-found"
  },
  "GET /events": { ...supervisor, body: "none", accepts: ["text/event-stream"] },
  "PATCH /types/:type": {
    ...supervisor,
    body: "fields",
    good: { paused: false },
    wrongType: { paused: "yes" },
    accepts: json
  },
  "GET /tokens": { ...supervisor, body: "none", accepts: json },
  "POST /tokens": {
    ...supervisor,
    body: "fields",
    good: { name: "conventional", role: "client" },
    wrongType: { name: "conventional", role: "king" },
    accepts: json
  },
  "DELETE /tokens/:name": { ...supervisor, body: "none", accepts: json },
  "GET /": { ...public_, body: "none", accepts: json },
  "GET /healthz": { ...public_, body: "none", accepts: json },
  "GET /readyz": { ...public_, body: "none", accepts: json }
}

/** As the contract has them, as in `GET /jobs/:id`. */
export const endpoints = Object.values(Api.groups)
  .flatMap((group) => Object.values(group.endpoints))
  .map(({ method, path }) => `${method} ${path}`)

/** Method and path. */
export const split = (endpoint: string): readonly [string, string] => {
  const [method = "", path = ""] = endpoint.split(" ")
  return [method, path]
}

/** The path with the ids filled in. */
export const at = (path: string, held: Pick<WireAssignment, "attempt" | "id">) =>
  path
    .replace(":id", held.id)
    .replace(":attempt", held.attempt)
    .replace(":type", "conventional")
    .replace(":name", "conventional")

export const withBody = Object.entries(rows).filter(
  ([, { body }]) => body === "fields" || body === "any JSON"
)
