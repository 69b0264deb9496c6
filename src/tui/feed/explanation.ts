/** Why a job is (not) running, in words: what the server explains, where it does. */
import { Effect, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"

export const Explanation = Schema.Struct({
  summary: Schema.String,
  reasons: Schema.Array(Schema.Struct({ sentence: Schema.String }))
})
export type Explanation = typeof Explanation.Type

const decode = HttpClientResponse.schemaBodyJson(Explanation)

/** The explanation; null from a server that has none. */
export const explain = (client: HttpClient.HttpClient, id: string) =>
  Effect.flatMap(client.get(`/jobs/${id}/explain`), (response) =>
    response.status === 200 ? decode(response) : Effect.succeed(null)
  )
