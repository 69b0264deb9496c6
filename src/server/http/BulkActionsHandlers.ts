/** Translates between HTTP and the bulk actions for the group `bulkActions`. */
import { Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { nameOf } from "../../domain/access/Caller.ts"
import { Api } from "../../domain/api/Api.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { AskedBulkAction, BulkAction, BulkForecast, toBulkAction } from "../../domain/jobs/BulkAction.ts"
import { BulkActions } from "../../domain/jobs/BulkActions.ts"
import { jsonResponse } from "./JsonResponse.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"
import { withAllServices } from "./RequestServices.ts"

const decodeAction = decode(AskedBulkAction)
const encodeAction = Schema.encodeSync(BulkAction)
const encodeForecast = Schema.encodeSync(BulkForecast)
const oneAction = jsonResponse<typeof BulkAction.Encoded>
const oneForecast = jsonResponse<typeof BulkForecast.Encoded>

export const BulkActionsHandlers = HttpApiBuilder.group(
  Api,
  "bulkActions",
  Effect.fnUntraced(function* (handlers) {
    const actions = yield* BulkActions
    const bodies = yield* RequestBodies

    return handlers
      .handleRaw("ask", ({ request }) =>
        Effect.gen(function* () {
          const { dryRun = false, ...wish } = yield* decodeAction(yield* bodies.readJson(request))
          if (dryRun) return oneForecast(encodeForecast(yield* actions.forecast(wish)), 200)
          const action = yield* actions.ask(wish, nameOf(yield* CurrentCaller))
          return oneAction(encodeAction(toBulkAction(action)), 202, {
            location: `/jobs/actions/${action.id}`
          })
        })
      )
      .handle("get", ({ params }) => Effect.map(actions.find(params.id), toBulkAction))
  }, withAllServices)
)
