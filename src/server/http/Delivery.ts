/** Whether an answer reached its caller, as far as that can be known. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"

/**
 * Runs `effect` if the connection ends before the answer was handed over whole, even if it has ended already. To be
 * called before the answer is returned.
 */
export const ifUndelivered = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  effect: Effect.Effect<void>
) {
  const run = Effect.runForkWith(yield* Effect.context())
  const response = NodeHttpServerRequest.toServerResponse(request)
  if (response.destroyed) return yield* effect
  response.once("close", () => {
    if (!response.writableFinished) run(effect)
  })
})
