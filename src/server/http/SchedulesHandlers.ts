/** Translates between HTTP and the schedules for the group `schedules`. */
import { Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { Boss } from "../../domain/Boss.ts"
import type { JobJson } from "../../domain/jobs/Job.ts"
import { NewSchedule, Schedule, toSchedule } from "../../domain/schedules/Schedule.ts"
import { Schedules } from "../../domain/schedules/Schedules.ts"
import { jsonResponse } from "./JsonResponse.ts"
import { pageSize, toPage } from "./Pages.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"
import { withAllServices } from "./RequestServices.ts"

const decodeSchedule = decode(NewSchedule)
const encodeSchedule = Schema.encodeSync(Schedule)
const oneSchedule = jsonResponse<typeof Schedule.Encoded>
const oneJob = jsonResponse<JobJson>

export const SchedulesHandlers = HttpApiBuilder.group(
  Api,
  "schedules",
  Effect.fnUntraced(function* (handlers) {
    const schedules = yield* Schedules
    const boss = yield* Boss
    const bodies = yield* RequestBodies

    return handlers
      .handle("list", ({ query: { cursor = null, limit = pageSize } }) =>
        Effect.map(schedules.list(cursor, limit), (page) => {
          const { items, next } = toPage(page, ({ name }) => name)
          return { items: items.map(toSchedule), next }
        })
      )
      .handle("get", ({ params }) => Effect.map(schedules.find(params.name), toSchedule))
      .handleRaw("put", ({ params, request }) =>
        Effect.gen(function* () {
          const wish = yield* decodeSchedule(yield* bodies.readJson(request))
          const { isNew, schedule } = yield* schedules.put(params.name, wish, yield* CurrentCaller)
          const shown = encodeSchedule(toSchedule(schedule))
          return isNew
            ? oneSchedule(shown, 201, { location: `/schedules/${encodeURIComponent(params.name)}` })
            : oneSchedule(shown, 200)
        })
      )
      .handle("remove", ({ params }) =>
        Effect.flatMap(CurrentCaller, (caller) => schedules.remove(params.name, caller))
      )
      .handleRaw("run", ({ params, request }) =>
        Effect.gen(function* () {
          yield* bodies.readNothing(request)
          const job = yield* schedules.run(params.name, yield* CurrentCaller)
          return oneJob(boss.show(job), 201, { location: `/jobs/${job.id}` })
        })
      )
  }, withAllServices)
)
