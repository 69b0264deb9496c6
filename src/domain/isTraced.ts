/** Whether spans are exported. Where they are not, none are made, for they cost time. */
import { Effect, Tracer } from "effect"

export const isTraced = Effect.map(Tracer.Tracer, (tracer) => tracer !== Tracer.nativeTracer)
