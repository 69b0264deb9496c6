/** Traces, sent to the OpenTelemetry collector that the standard environment variables name; without one there are none. */
import { Cause, Config, ConfigProvider, Data, Effect, Layer, Option, References } from "effect"
import { HttpMiddleware } from "effect/http"
import { OtlpSerialization, OtlpTracer } from "effect/observability"
import { isTraced } from "../../domain/isTraced.ts"
import * as CollectorClient from "./CollectorClient.ts"

/** The environment asks for traces in a way that is not understood. */
export class CannotTrace extends Data.TaggedError("CannotTrace")<{ readonly cause: unknown }> {
  override get message() {
    const reason = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `cannot send traces, by the OTEL_ variables of the environment: ${reason.replace(/\s+/g, " ")}`
  }
}

const defaults = ConfigProvider.fromEnvRecord({
  OTEL_SERVICE_NAME: "lazyboss",
  OTEL_TRACES_EXPORTER: "otlp"
})

const protocols = ["http/protobuf", "http/json"] as const
const protocol = Config.Literals(protocols, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL").pipe(
  Config.orElse(() => Config.Literals(protocols, "OTEL_EXPORTER_OTLP_PROTOCOL")),
  Config.withDefault("http/protobuf")
)

const endpoint = Config.String("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").pipe(
  Config.orElse(() => Config.String("OTEL_EXPORTER_OTLP_ENDPOINT")),
  Config.option
)

const Exporting = Layer.unwrap(
  Effect.map(protocol, (protocol) =>
    OtlpTracer.layerFromConfig().pipe(
      Layer.provide([
        CollectorClient.layer,
        protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf
      ])
    )
  )
).pipe(
  Layer.provide(ConfigProvider.layerAdd(defaults)),
  Layer.catchCause((cause) =>
    Layer.effectDiscard(Effect.fail(new CannotTrace({ cause: Cause.squash(cause) })))
  )
)

/** A tracer, if a collector is named. */
export const layer: Layer.Layer<never, CannotTrace> = Layer.unwrap(
  Effect.map(Effect.orDie(endpoint), (endpoint) =>
    Option.isSome(endpoint) ? Exporting : Layer.succeed(References.TracerEnabled, false)
  )
)

const probes = ["/healthz", "/readyz", "/metrics"]

/** A span for every request that a person or a program has made, none for probes, and none at all if nobody looks at it. */
export const RequestSpansLive = Layer.effect(
  HttpMiddleware.TracerDisabledWhen,
  Effect.map(isTraced, (isTraced) =>
    isTraced ? ({ url }) => probes.includes(url.replace(/\?.*/, "")) : () => true
  )
)
