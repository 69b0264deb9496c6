/** The server about itself. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api, version } from "../../domain/api/Api.ts"
import { JobRepo } from "../../domain/JobRepo.ts"

export const ServiceHandlers = HttpApiBuilder.group(
  Api,
  "service",
  Effect.fnUntraced(function* (handlers) {
    const repo = yield* JobRepo
    return handlers.handleAll({
      welcome: () =>
        Effect.succeed({
          name: "lazyboss" as const,
          version,
          documentation: "/docs",
          openapi: "/openapi.json"
        }),
      healthz: () => Effect.succeed({ status: "ok" as const }),
      readyz: () => Effect.as(repo.ping, { status: "ok" as const })
    })
  })
)
