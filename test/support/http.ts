/** Plain HTTP calls, as any client makes them. */
import { assert } from "@effect/vitest"
import type { Server } from "./TestServer.ts"
import { within } from "./waiting.ts"

/** What came back, whole. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface CallOptions {
  /** Sent as `Authorization: Bearer …`. */
  readonly as?: string
  readonly headers?: Record<string, string>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly signal?: AbortSignal
}

/** Sends a request, and resolves as soon as the headers are there. */
export const open = (
  server: Server,
  method: string,
  path: string,
  { as, body, headers, json, signal }: CallOptions = {}
): Promise<Response> =>
  within(
    fetch(server.url + path, {
      method,
      headers: {
        ...(as !== undefined && { authorization: `Bearer ${as}` }),
        ...(json !== undefined && { "content-type": "application/json" }),
        ...headers
      },
      body: json === undefined ? (body ?? null) : JSON.stringify(json),
      signal: signal ?? null,
      redirect: "manual"
    }),
    `${method} ${path}`
  )

/** Sends a request and reads the answer whole. */
export const call = async (
  server: Server,
  method: string,
  path: string,
  options: CallOptions = {}
): Promise<Answer> => {
  const response = await open(server, method, path, options)
  const text = await within(response.text(), `the body of ${method} ${path}`)
  return { status: response.status, headers: response.headers, text }
}

/** The body as JSON. */
export const jsonOf = (answer: Answer): unknown => JSON.parse(answer.text)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value, which must be an object. */
export const asRecord = (value: unknown): Record<string, unknown> =>
  isRecord(value) ? value : assert.fail(`not an object: ${JSON.stringify(value)}`)

/** The value, which must be an array of objects. */
export const asRecords = (value: unknown): ReadonlyArray<Record<string, unknown>> =>
  Array.isArray(value) ? value.map(asRecord) : assert.fail(`not an array: ${JSON.stringify(value)}`)

/** Asserts the status, showing the body if it is another. */
export const expectStatus = (answer: Answer, status: number): Answer => {
  assert.strictEqual(answer.status, status, answer.text.slice(0, 500))
  return answer
}

/** Asserts that the answer is a problem document of this kind, and returns it. */
export const expectProblem = (answer: Answer, status: number, code: string): Record<string, unknown> => {
  assert.strictEqual(answer.status, status, answer.text.slice(0, 500))
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json(;|$)/)
  const problem = asRecord(jsonOf(answer))
  assert.strictEqual(problem["type"], `urn:lazyboss:problem:${code}`)
  assert.strictEqual(problem["status"], status)
  assert.isString(problem["title"])
  return problem
}

/** Asserts that the answer refuses invalid input, and returns the paths that it names. */
export const expectInvalid = (answer: Answer): ReadonlyArray<string> => {
  const { errors } = expectProblem(answer, 400, "invalid-request")
  const issues = asRecords(errors)
  assert.isNotEmpty(issues)
  for (const { message } of issues) assert.isString(message)
  return issues.map(({ path }) => String(path))
}
