/** Tells over HTTP how things stand, for the group `stats`. */
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { nameOf } from "../../domain/access/Caller.ts"
import { Api } from "../../domain/api/Api.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { prometheusText, TypeDecision } from "../../domain/api/Stats.ts"
import { CountsRepo } from "../../domain/stats/CountsRepo.ts"
import { Dispatcher } from "../../domain/dispatching/Dispatcher.ts"
import { Measures } from "../../domain/stats/Measures.ts"
import { defaultType } from "../../domain/policies/PolicyOverrides.ts"
import { mostTypes, Stats } from "../../domain/stats/Stats.ts"
import { StoreMeasures } from "../../domain/stats/StoreMeasures.ts"
import { SupervisorPolicy } from "../../domain/policies/SupervisorPolicy.ts"
import { page } from "./Exposition.ts"
import { withAllServices } from "./RequestServices.ts"
import { jobMetrics } from "./jobMetrics.ts"
import { measureMetrics } from "./measureMetrics.ts"
import { processMetrics } from "./processMetrics.ts"
import { invalid } from "./Problems.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"

const decodeDecision = decode(TypeDecision)

export const StatsHandlers = HttpApiBuilder.group(
  Api,
  "stats",
  Effect.fnUntraced(function* (handlers) {
    const stats = yield* Stats
    const counts = yield* CountsRepo
    const dispatcher = yield* Dispatcher
    const measures = yield* Measures
    const storeMeasures = yield* StoreMeasures
    const policies = yield* SupervisorPolicy
    const bodies = yield* RequestBodies

    return handlers
      .handle("stats", () => stats.snapshot)
      .handle("types", () =>
        Effect.map(stats.snapshot, ({ truncated, types }) => ({ items: types, truncated }))
      )
      .handle("type", ({ params }) => stats.find(params.type))
      .handleRaw("pause", ({ params, request }) =>
        Effect.gen(function* () {
          const { paused } = yield* decodeDecision(yield* bodies.readJson(request))
          const by = nameOf(yield* CurrentCaller)
          if (params.type === defaultType) {
            return yield* invalid("type", "is what all types extend: PUT /policies/default pauses them all")
          }
          yield* policies.change(params.type, by, (own) => ({ ...own, paused }))
          return { ...(yield* stats.of(params.type)), paused }
        })
      )
      .handle("metrics", () =>
        Effect.gen(function* () {
          const flows = yield* counts.flows(mostTypes)
          return HttpServerResponse.text(
            page([
              ...jobMetrics(flows, measures.labelOf),
              ...measureMetrics(measures, storeMeasures, yield* dispatcher.waiting),
              ...processMetrics()
            ]),
            { contentType: `${prometheusText}; charset=utf-8` }
          )
        })
      )
  }, withAllServices)
)
