/** Translates between HTTP and the projects for the group `projects`. */
import { Effect, Option, Schema, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { eventStream, json } from "../../domain/api/Conventions.ts"
import { CurrentCaller } from "../../domain/api/Authentication.ts"
import { CreatedProject, NewProject, ProjectDecision, ProjectPage } from "../../domain/api/Projects.ts"
import { Measures } from "../../domain/stats/Measures.ts"
import { type CountedProject, ProjectStanding, toProject, toStanding } from "../../domain/projects/Project.ts"
import type { ProjectEvent } from "../../domain/projects/ProjectFollowing.ts"
import { Projects } from "../../domain/projects/Projects.ts"
import { negotiate } from "./ConventionsMiddleware.ts"
import * as EventStreams from "./EventStreams.ts"
import { withAllServices } from "./RequestServices.ts"
import { idempotencyOf } from "./idempotencyOf.ts"
import { jsonResponse } from "./JsonResponse.ts"
import { pageSize, toPage } from "./Pages.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"

const decodeProject = decode(NewProject)
const decodeDecision = decode(ProjectDecision)
const encodeStanding = Schema.encodeSync(ProjectStanding)
const shown = (counted: CountedProject) => encodeStanding(toStanding(counted))
const encodeCreated = Schema.encodeSync(CreatedProject)
const encodePage = Schema.encodeSync(ProjectPage)
const oneProject = jsonResponse<typeof ProjectStanding.Encoded>
const createdProject = jsonResponse<typeof CreatedProject.Encoded>
const onePage = jsonResponse<typeof ProjectPage.Encoded>

const toEvent = (told: ProjectEvent): EventStreams.OutgoingEvent => {
  const id = told.position
  switch (told._tag) {
    case "Standing":
      return { id, event: null, data: JSON.stringify(shown(told.counted)) }
    case "Percent":
      return { id, event: "percent", data: String(told.percent) }
    case "End":
      return { id, event: "end", data: toStanding(told.counted).status }
  }
}

export const ProjectsHandlers = HttpApiBuilder.group(
  Api,
  "projects",
  Effect.fnUntraced(function* (handlers) {
    const projects = yield* Projects
    const bodies = yield* RequestBodies
    const events = yield* EventStreams.make
    const { whileOpen } = yield* Measures

    return handlers
      .handleRaw("create", ({ headers, request }) =>
        Effect.gen(function* () {
          const value = yield* bodies.readWithBatch(request, "jobs")
          const wish = yield* decodeProject(value)
          const created = yield* projects.create(wish, yield* CurrentCaller, idempotencyOf(headers, value))
          const answer = encodeCreated({
            ...toStanding(created.counted),
            jobs: created.jobs.map(({ id }) => id)
          })
          return createdProject(answer, created.isRepeated ? 200 : 201, {
            location: `/projects/${answer.id}`
          })
        })
      )
      .handle("list", ({ query: { cursor, limit = pageSize } }) =>
        Effect.gen(function* () {
          const { items, next } = toPage(yield* projects.list({ before: cursor, limit }), ({ id }) => id)
          return onePage(encodePage({ items: items.map(toProject), next }), 200)
        })
      )
      .handle("get", ({ headers, params, request }) =>
        Effect.gen(function* () {
          if (negotiate(request, [json, eventStream]) !== eventStream) {
            return oneProject(shown(yield* projects.find(params.id)), 200)
          }
          const told = yield* projects.follow(params.id, Option.fromUndefinedOr(headers["last-event-id"]))
          return Option.isSome(told)
            ? yield* events(whileOpen("followers")(Stream.map(told.value, (news) => news.map(toEvent))))
            : HttpServerResponse.empty({ status: 204 })
        })
      )
      .handleRaw("close", ({ params, request }) =>
        Effect.gen(function* () {
          yield* decodeDecision(yield* bodies.readJson(request))
          return oneProject(shown(yield* projects.close(params.id, yield* CurrentCaller)), 200)
        })
      )
      .handle("cancel", ({ params, query }) =>
        Effect.gen(function* () {
          const cancelled = yield* projects.cancel(params.id, yield* CurrentCaller, query.reason ?? null)
          return oneProject(shown(cancelled), 202)
        })
      )
  }, withAllServices)
)
