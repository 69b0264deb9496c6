/** Translates between HTTP and what is known of workers for the group `workers`. */
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { WorkerDecision } from "../../domain/api/Workers.ts"
import { WorkerNotFound } from "../../domain/Errors.ts"
import { Workers } from "../../domain/workers/Workers.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"

const pageSize = 100

const decodeDecision = decode(WorkerDecision)

export const WorkersHandlers = HttpApiBuilder.group(
  Api,
  "workers",
  Effect.fnUntraced(function* (handlers) {
    const workers = yield* Workers
    const bodies = yield* RequestBodies

    return handlers
      .handle("list", ({ query }) =>
        Effect.gen(function* () {
          const { cursor, limit = pageSize, state } = query
          const { hasMore, items } = yield* workers.list({
            after: cursor ?? null,
            state: state ?? null,
            limit
          })
          return { items, next: hasMore ? (items.at(-1)?.name ?? null) : null }
        })
      )
      .handle("get", ({ params }) =>
        Effect.gen(function* () {
          const worker = yield* workers.find(params.name)
          return worker ?? (yield* new WorkerNotFound({ detail: "no worker of this name was ever seen" }))
        })
      )
      .handleRaw("decide", ({ params, request }) =>
        Effect.gen(function* () {
          const { reason = null, state } = yield* decodeDecision(yield* bodies.readJson(request))
          const { name } = yield* CurrentCaller
          return yield* workers.change({ worker: params.name, state, reason, by: Option.getOrNull(name) })
        })
      )
  })
)
