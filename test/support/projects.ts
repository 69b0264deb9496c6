/** Projects, as a client makes and follows them. */
import { Schema } from "effect"
import { CreatedProject, ProjectPage } from "../../src/domain/api/Projects.ts"
import { ProjectStanding } from "../../src/domain/projects/Project.ts"
import { call, type CallOptions, expectStatus, jsonOf, open } from "./http.ts"
import { type EventReader, eventsOf } from "./sse.ts"
import type { Server } from "./TestServer.ts"

const strict = { onExcessProperty: "error" } as const
const standingOf = Schema.decodeUnknownSync(Schema.toEncoded(ProjectStanding), strict)
const createdOf = Schema.decodeUnknownSync(Schema.toEncoded(CreatedProject), strict)
const pageOf = Schema.decodeUnknownSync(Schema.toEncoded(ProjectPage), strict)

export const createProject = async (server: Server, wishes: object = {}, options: CallOptions = {}) =>
  createdOf(
    jsonOf(
      expectStatus(
        await call(server, "POST", "/projects", { ...options, json: { name: "a project", ...wishes } }),
        201
      )
    )
  )

export const getProject = async (server: Server, id: string) =>
  standingOf(jsonOf(expectStatus(await call(server, "GET", `/projects/${id}`), 200)))

export const closeProject = async (server: Server, id: string) =>
  standingOf(
    jsonOf(expectStatus(await call(server, "PATCH", `/projects/${id}`, { json: { closed: true } }), 200))
  )

export const cancelProject = async (server: Server, id: string, query = "", options: CallOptions = {}) =>
  standingOf(jsonOf(expectStatus(await call(server, "DELETE", `/projects/${id}${query}`, options), 202)))

export const listProjects = async (server: Server, query = "") =>
  pageOf(jsonOf(expectStatus(await call(server, "GET", `/projects?${query}`), 200)))

export const projectIn = (data: string) => standingOf(JSON.parse(data))

export const followProject = async (server: Server, id: string, lastEventId?: string): Promise<EventReader> =>
  eventsOf(
    await open(server, "GET", `/projects/${id}`, {
      headers: {
        accept: "text/event-stream",
        ...(lastEventId !== undefined && { "last-event-id": lastEventId })
      }
    })
  )
