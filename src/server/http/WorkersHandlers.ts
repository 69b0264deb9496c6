/** Translates between HTTP and what is known of workers for the group `workers`. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { nameOf } from "../../domain/access/Caller.ts"
import { Api } from "../../domain/api/Api.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { WorkerDecision } from "../../domain/api/Workers.ts"
import { WorkerNotFound } from "../../domain/Errors.ts"
import { Workers } from "../../domain/workers/Workers.ts"
import { pageSize, toPage } from "./Pages.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"
import { withAllServices } from "./RequestServices.ts"

const decodeDecision = decode(WorkerDecision)

export const WorkersHandlers = HttpApiBuilder.group(
  Api,
  "workers",
  Effect.fnUntraced(function* (handlers) {
    const workers = yield* Workers
    const bodies = yield* RequestBodies

    return handlers
      .handle("list", ({ query: { cursor = null, limit = pageSize, state = null } }) =>
        Effect.map(workers.list({ after: cursor, state, limit }), (page) => toPage(page, ({ name }) => name))
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
          const by = nameOf(yield* CurrentCaller)
          return yield* workers.change({ worker: params.name, state, reason, by })
        })
      )
  }, withAllServices)
)
