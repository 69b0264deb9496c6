/** The server about itself. */
import { Duration, Effect, Fiber } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { version } from "../../domain/version.ts"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import { StoreUnavailable } from "../../domain/StoreUnavailable.ts"
import { withAllServices } from "./RequestServices.ts"

/** A database that takes longer to say that it is there is as good as away. */
const longestPing = Duration.seconds(3)

export const ServiceHandlers = HttpApiBuilder.group(
  Api,
  "service",
  Effect.fnUntraced(function* (handlers) {
    const repo = yield* JobRepo
    // Whoever asks wants to know now. The question itself is left to its fate: to take it back could take longer.
    const pingSoon = Effect.flatMap(Effect.forkDetach(repo.ping), (ping) =>
      Effect.timeoutOrElse(Fiber.join(ping), {
        duration: longestPing,
        orElse: () => Effect.die(new StoreUnavailable({ cause: new Error("the database is too slow") }))
      })
    )
    return handlers.handleAll({
      welcome: () =>
        Effect.succeed({
          name: "lazyboss" as const,
          version,
          documentation: "/docs",
          openapi: "/openapi.json"
        }),
      healthz: () => Effect.succeed({ status: "ok" as const }),
      readyz: () => Effect.as(pingSoon, { status: "ok" as const })
    })
  }, withAllServices)
)
