/** Whether anybody looks at spans. If nobody does, none are made, for they are not free. */
import { Effect, Tracer } from "effect"

export const isTraced = Effect.map(Tracer.Tracer, (tracer) => tracer !== Tracer.nativeTracer)
