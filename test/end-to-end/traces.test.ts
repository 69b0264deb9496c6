/** Traces, as an OpenTelemetry collector gets them. */
import { assert, describe, it } from "@effect/vitest"
import { call, expectStatus } from "../support/http.ts"
import { create, newName } from "../support/jobs.ts"
import { type CollectedSpan, startCollector } from "../support/collector.ts"
import { newDataDir, launchServe, serve, untilReady } from "../support/serving.ts"
import { eventually, timed } from "../support/waiting.ts"

const tracing = async (endpoint: string, more: Record<string, string> = {}) => ({
  args: ["--port", "0", "--data-dir", await newDataDir()],
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    ...more
  }
})

const present = <A>(value: A | undefined, what: string): A => value ?? assert.fail(`there is no ${what}`)
const attributeOf = (span: CollectedSpan, key: string): unknown =>
  Object.values(span.attributes.find((attribute) => attribute.key === key)?.value ?? {})[0]

describe("a traced server", () => {
  it("sends a span for a request, as a part of its caller's trace, and those of what it did in the store", async () => {
    const collector = await startCollector()
    const { args, env } = await tracing(collector.url, { OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=beans" })
    const server = await serve(args, { env })
    const traceId = "0af7651916cd43dd8448eb211c80319c"
    const parentSpanId = "b7ad6b7169203331"
    const created = await call(server, "POST", "/jobs", {
      as: "s3cret-t0ken",
      json: { type: newName("type") },
      headers: { traceparent: `00-${traceId}-${parentSpanId}-01` }
    })
    expectStatus(created, 202)

    const spans = await eventually(() => {
      const ofTrace = collector.spans().filter((span) => span.traceId === traceId)
      assert.isTrue(ofTrace.some(({ name }) => name === "POST"))
      return ofTrace
    })
    const request = present(
      spans.find(({ name }) => name === "POST"),
      "span of the request"
    )
    assert.strictEqual(request.parentSpanId, parentSpanId)
    assert.strictEqual(attributeOf(request, "url.path"), "/jobs")
    assert.strictEqual(attributeOf(request, "http.response.status_code"), 202)
    const child = (parent: CollectedSpan, name: string) =>
      present(
        spans.find((span) => span.name === name && span.parentSpanId === parent.spanId),
        `${name} below ${parent.name}`
      )
    const commit = child(request, "group commit")
    assert.strictEqual(attributeOf(commit, "batch.size"), 1)
    assert.strictEqual(attributeOf(child(commit, "JobRepo.insert"), "batch.size"), 1)

    const service = collector.resource().find(({ key }) => key === "service.name")
    assert.deepStrictEqual(service?.value, { stringValue: "lazyboss" })
    assert.strictEqual(collector.headers[0]?.["x-tenant"], "beans")
    await server.stop()
    assert.notInclude(collector.bodies.join(), "s3cret-t0ken")
  })

  it("honours the name of the service, traces no probes, and sends what is left when it stops", async () => {
    const collector = await startCollector()
    const { args, env } = await tracing(collector.url, {
      OTEL_SERVICE_NAME: "boss-of-tests",
      OTEL_BSP_SCHEDULE_DELAY: "60000"
    })
    const server = await serve(args, { env })
    expectStatus(await call(server, "GET", "/healthz"), 200)
    expectStatus(await call(server, "GET", "/readyz"), 200)
    await create(server, { type: "a" })
    assert.deepStrictEqual(collector.bodies, [])
    await server.stop()
    const paths = collector.spans().flatMap((span) => attributeOf(span, "url.path") ?? [])
    assert.deepStrictEqual(paths, ["/jobs"])
    assert.isTrue(collector.resource().some(({ value }) => value["stringValue"] === "boss-of-tests"))
  })

  const withoutCollector = async (endpoint: string) => {
    const { args, env } = await tracing(endpoint, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "10" })
    const server = await serve(args, { env })
    for (let count = 0; count < 200; count++) await create(server, { type: "a" })
    await eventually(() => assert.include(server.stderr(), "traces given up"))
    const [, millis] = await timed(server.stop)
    assert.isBelow(millis, 10_000)
    // Once, and not for each batch.
    assert.isAtMost(server.stderr().split("traces given up").length - 1, 5)
  }

  it("works on, and stops well, when there is no collector", () => withoutCollector("http://127.0.0.1:1"))

  it("works on, and stops well, when the collector never answers", async () => {
    const collector = await startCollector({ hangs: true })
    await withoutCollector(collector.url)
    // Not one after another for every ten spans, of which there were thousands.
    assert.isAtMost(collector.bodies.length, 20)
  })

  it("refuses what it does not understand", async () => {
    for (const wrong of [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense" },
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }
    ]) {
      const { args, env } = await tracing("http://127.0.0.1:1", wrong)
      const program = launchServe(args, { env })
      assert.deepStrictEqual(await program.ended(30_000), { status: 1, signal: null }, program.stderr())
      assert.match(program.stderr(), /^lazyboss: cannot send traces[^\n]*OTEL_EXPORTER_OTLP_\w+[^\n]*\n$/)
    }
  })

  it("is none that nobody asked to trace", async () => {
    const collector = await startCollector()
    const { args, env } = await tracing(collector.url, { OTEL_SDK_DISABLED: "true" })
    const server = await untilReady(launchServe(args, { env }))
    await create(server, { type: "a" })
    await server.stop()
    assert.deepStrictEqual(collector.bodies, [])
  })
})
