/** Answers in JSON. */
import { Effect, Schema } from "effect"
import { HttpServerResponse } from "effect/http"

/** Makes responses of values of a schema. */
export const jsonResponse = <S extends Schema.ConstraintEncoder<unknown>>(schema: S) => {
  const encode = Schema.encodeUnknownEffect(schema)
  return (value: S["Type"], status: number, headers: Record<string, string> = {}) =>
    Effect.map(Effect.orDie(encode(value)), (encoded) =>
      HttpServerResponse.jsonUnsafe(encoded, { status, headers })
    )
}
