/** What there is to know of each endpoint of the contract, for the tests that try all of them. */
import { randomUUID } from "node:crypto"
import { Api } from "../../src/domain/api/Api.ts"
import type { WireAssignment } from "./jobs.ts"

export interface Row {
  /** What it is sent when all is well. */
  readonly body: "none" | "fields" | "any JSON" | "events"
  /** A body that is well, if there is one. */
  readonly good?: unknown
  readonly needsIdentity: boolean
  readonly needsAuthorization: boolean
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
const anyone = { needsIdentity: false, needsAuthorization: true }
const worker = { needsIdentity: true, needsAuthorization: true }
const public_ = { needsIdentity: false, needsAuthorization: false }

/** Every endpoint of the contract has its row here. */
export const rows: Record<string, Row> = {
  "POST /jobs": {
    ...anyone,
    body: "fields",
    good: { type: "conventional" },
    wrongType: { type: "conventional", priority: "high" },
    accepts: json,
    largest: 16 * MiB
  },
  "GET /jobs": { ...anyone, body: "none", accepts: json },
  "GET /jobs/:id": { ...anyone, body: "none", accepts: [...json, "text/event-stream"] },
  "GET /jobs/:id/attempts": { ...anyone, body: "none", accepts: json },
  "GET /jobs/:id/attempts/:attempt": { ...anyone, body: "none", accepts: json },
  "GET /jobs/:id/log": { ...anyone, body: "none", accepts: ["text/plain"] },
  "PATCH /jobs/:id": {
    ...anyone,
    body: "fields",
    good: { priority: 1 },
    wrongType: { priority: "high" },
    accepts: json
  },
  "DELETE /jobs/:id": { ...anyone, body: "none", accepts: json },
  "POST /jobs/:id/retry": { ...anyone, body: "none", accepts: json },
  "POST /jobs/actions": {
    ...anyone,
    body: "fields",
    good: { action: "retry", filter: { type: "nothing" } },
    wrongType: { action: 1 },
    accepts: json
  },
  "GET /jobs/actions/:id": {
    ...anyone,
    body: "none",
    accepts: json,
    unknownId: "bulk-action-not-found"
  },
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
  "GET /policies": { ...anyone, body: "none", accepts: json },
  "GET /policies/:type": { ...anyone, body: "none", accepts: json },
  "PUT /policies/:type": {
    ...anyone,
    body: "fields",
    good: { lease: "60s" },
    wrongType: { maxAttempts: "many" },
    accepts: json
  },
  "DELETE /policies/:type": { ...anyone, body: "none", accepts: json },
  "GET /types": { ...anyone, body: "none", accepts: json },
  "GET /types/:type": { ...anyone, body: "none", accepts: json },
  "GET /stats": { ...anyone, body: "none", accepts: json },
  "GET /metrics": { ...anyone, body: "none", accepts: ["text/plain"] },
  "GET /workers": { ...anyone, body: "none", accepts: json },
  "GET /workers/:name": { ...anyone, body: "none", accepts: json },
  "PATCH /workers/:name": {
    ...anyone,
    body: "fields",
    good: { state: "active" },
    wrongType: { state: "sleepy" },
    accepts: json
  },
  "GET /events": { ...anyone, body: "none", accepts: ["text/event-stream"] },
  "PATCH /types/:type": {
    ...anyone,
    body: "fields",
    good: { paused: false },
    wrongType: { paused: "yes" },
    accepts: json
  },
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
