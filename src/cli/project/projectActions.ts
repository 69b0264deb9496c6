/** What `lazyboss project` does. */
import { Effect, Option, Schema, Stream } from "effect"
import { NewProject } from "../../domain/api/Projects.ts"
import { ProjectId } from "../../domain/Identifiers.ts"
import { ProjectStanding } from "../../domain/projects/Project.ts"
import { asContract, fromJson, given } from "../input.ts"
import { remark, writeJson, writeRaw } from "../output/output.ts"
import { asking, type Connection } from "../server/asking.ts"
import { followPath, toJsonEvent } from "../server/following.ts"
import { firstOf } from "../server/pages.ts"
import { CommandError } from "../CommandError.ts"
import { describeCounts, writeProjects, writeStanding } from "./showProject.ts"

interface OfProject extends Connection {
  readonly id: ProjectId
  readonly json: boolean
}

const readStanding = Schema.decodeUnknownOption(Schema.fromJsonString(ProjectStanding))

const jsonOf = (what: string, text: Option.Option<string>) =>
  Option.match(text, {
    onNone: () => Effect.succeedNone,
    onSome: (text) => Effect.asSome(fromJson(what, text))
  })

export interface CreateGiven extends Connection {
  readonly name: string
  readonly metadata: Option.Option<string>
  readonly jobs: Option.Option<string>
  readonly closed: boolean
  readonly json: boolean
}

export const create = Effect.fnUntraced(function* ({ closed, json, name, ...wish }: CreateGiven) {
  const metadata = yield* jsonOf("--metadata", wish.metadata)
  const jobs = yield* jsonOf("--jobs", wish.jobs)
  const payload = yield* asContract(NewProject, { name, closed, ...given({ metadata, jobs }) })
  const project = yield* asking(wish, ({ projects }) => projects.create({ payload, headers: {} }))
  yield* json ? writeStanding(project, true) : writeRaw(`${project.id}\n`)
})

export const list = ({
  json,
  limit,
  ...server
}: Connection & { readonly limit: number; readonly json: boolean }) =>
  Effect.flatMap(
    asking(server, (client) => firstOf(limit, ProjectId, (page) => client.projects.list({ query: page }))),
    (projects) => writeProjects(projects, json)
  )

export const get = Effect.fnUntraced(function* ({ id, json, ...server }: OfProject) {
  const project = yield* asking(server, ({ projects }) => projects.get({ params: { id }, headers: {} }))
  if (typeof project !== "object") return yield* Effect.die(new Error("not a project"))
  yield* writeStanding(project, json)
})

export const close = ({ id, json, ...server }: OfProject) =>
  Effect.flatMap(
    asking(server, ({ projects }) => projects.close({ params: { id }, payload: { closed: true } })),
    (project) => (json ? writeStanding(project, true) : writeRaw(`${project.id} is ${project.status}\n`))
  )

export const cancel = ({
  id,
  json,
  reason,
  ...server
}: OfProject & { readonly reason: Option.Option<string> }) =>
  Effect.flatMap(
    asking(server, ({ projects }) => projects.cancel({ params: { id }, query: given({ reason }) })),
    (project) => (json ? writeStanding(project, true) : writeRaw(`${project.id} is ${project.status}\n`))
  )

const mustBeWell = ({ counts, id, status }: ProjectStanding) => {
  const bad = counts.failed + counts.cancelled
  if (status !== "cancelled" && bad === 0) return Effect.void
  const message =
    status === "cancelled" ? `project ${id} was cancelled` : `${bad} jobs of project ${id} were not done`
  return Effect.fail(new CommandError({ kind: "jobFailed", message }))
}

/** Tells of a project until it is finished, and fails if not all of its jobs were done. */
export const follow = Effect.fnUntraced(function* ({ id, json, ...server }: OfProject) {
  let last: ProjectStanding | null = null
  yield* Stream.runForEach(followPath(server, `/projects/${id}`), (event) => {
    const standing = event.event === "message" ? Option.getOrNull(readStanding(event.data)) : null
    last = standing ?? last
    if (json) return writeJson(toJsonEvent(standing === null ? event.event : "project", event))
    if (standing !== null)
      return remark(`— ${standing.status}, ${standing.percent}%: ${describeCounts(standing)}`)
    return event.event === "percent" ? remark(`— ${event.data}%`) : Effect.void
  })
  if (last !== null) yield* mustBeWell(last)
})
