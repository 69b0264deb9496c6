/** An OpenTelemetry collector, as a test plays it: takes traces as JSON, and remembers the spans. */
import { createServer, type IncomingHttpHeaders } from "node:http"
import { text } from "node:stream/consumers"
import { afterAll, assert } from "@effect/vitest"
import { Schema } from "effect"

const Attribute = Schema.Struct({ key: Schema.String, value: Schema.Record(Schema.String, Schema.Unknown) })
const Span = Schema.Struct({
  name: Schema.String,
  traceId: Schema.String,
  spanId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  attributes: Schema.Array(Attribute)
})
const Traces = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Struct({
      resource: Schema.Struct({ attributes: Schema.Array(Attribute) }),
      scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) }))
    })
  )
})
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Traces))

export type CollectedSpan = typeof Span.Type

export interface Collector {
  readonly url: string
  /** What it was sent, as it came. */
  readonly bodies: ReadonlyArray<string>
  readonly headers: ReadonlyArray<IncomingHttpHeaders>
  readonly spans: () => ReadonlyArray<CollectedSpan>
  /** The attributes of what the spans are of. */
  readonly resource: () => ReadonlyArray<typeof Attribute.Type>
}

/** Starts a collector that goes with the tests of the file. One that hangs takes connections, and never answers. */
export const startCollector = async (options: { readonly hangs?: boolean } = {}): Promise<Collector> => {
  const bodies: Array<string> = []
  const headers: Array<IncomingHttpHeaders> = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      assert.strictEqual(request.url, "/v1/traces")
      bodies.push(body)
      headers.push(request.headers)
      if (options.hangs !== true) response.end("{}")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === "string") return assert.fail("no port")
  const all = () => bodies.flatMap((body) => decode(body).resourceSpans)
  return {
    url: `http://127.0.0.1:${address.port}`,
    bodies,
    headers,
    spans: () => all().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    resource: () => all().flatMap(({ resource }) => resource.attributes)
  }
}
