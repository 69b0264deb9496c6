/** Sets of jobs that are followed, closed and cancelled together. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { IdempotencyConflict, NotYours, ProjectDeleted, ProjectFinished, ProjectNotFound } from "../Errors.ts"
import { IdempotencyKey, JobId, ProjectId, ProjectName, Reason } from "../Identifiers.ts"
import { NewJob } from "../jobs/Job.ts"
import { Project, ProjectMetadata, ProjectStanding } from "../projects/Project.ts"
import { answerHeaders } from "./answerHeaders.ts"
import { eventStream, json, largestBatch, PageLimit, Produces } from "./Conventions.ts"
import { Authentication, NeededRoles } from "./Authentication.ts"

/** The body of `POST /projects`. Only the name is required. */
export const NewProject = Schema.Struct({
  name: ProjectName,
  metadata: Schema.optionalKey(ProjectMetadata),
  closed: Schema.optionalKey(Schema.Boolean),
  jobs: Schema.optionalKey(
    Schema.Array(NewJob).check(
      Schema.isMaxLength(largestBatch, { message: `must hold at most ${largestBatch} jobs` })
    )
  )
})
  .check(
    Schema.makeFilter(({ jobs = [] }) => {
      const place = jobs.findIndex(({ project }) => project !== undefined)
      return place === -1
        ? undefined
        : { path: ["jobs", place, "project"], issue: "is the project that is created: leave it out" }
    })
  )
  .annotate({ identifier: "NewProject" })

/** A new project, and the ids of the jobs that it was created with, in their order. */
export const CreatedProject = Schema.Struct({
  ...ProjectStanding.fields,
  jobs: Schema.Array(JobId)
}).annotate({ identifier: "CreatedProject" })

/** What can be changed of a project: that it takes no more jobs, for good. */
export const ProjectDecision = Schema.Struct({ closed: Schema.Literal(true) }).annotate({
  identifier: "ProjectDecision"
})

/** A page of projects, newest first. `next` is the cursor of the next page, null on the last. */
export const ProjectPage = Schema.Struct({
  items: Schema.Array(Project),
  next: Schema.NullOr(Schema.String)
})

const params = { id: ProjectId }

export class ProjectsApi extends HttpApiGroup.make("projects")
  .add(
    HttpApiEndpoint.post("create", "/projects", {
      headers: { "idempotency-key": Schema.optional(IdempotencyKey) },
      payload: NewProject,
      success: [CreatedProject.pipe(HttpApiSchema.status(201)), CreatedProject],
      error: [IdempotencyConflict, ProjectDeleted]
    }).annotateMerge(
      OpenApi.annotations({
        transform: answerHeaders({ 200: ["Location"], 201: ["Location"] }),
        summary: "Create a project, with its first jobs if there are any",
        description:
          "Up to 1,000 `jobs` are stored with it, all or nothing; their ids are in the answer, in the same order. With `closed` it " +
          "takes no others. The same Idempotency-Key with the same body answers 200 with the project as it is now, with another body 422."
      })
    ),
    HttpApiEndpoint.get("list", "/projects", {
      query: { limit: Schema.optionalKey(PageLimit), cursor: Schema.optionalKey(ProjectId) },
      success: ProjectPage
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List projects, newest first, without the counts of their jobs",
        description: "100 a page unless `limit` says otherwise."
      })
    ),
    HttpApiEndpoint.get("get", "/projects/:id", {
      params,
      headers: { "last-event-id": Schema.optional(Schema.String) },
      success: [
        ProjectStanding,
        Schema.String.pipe(HttpApiSchema.asText({ contentType: eventStream })),
        HttpApiSchema.NoContent
      ],
      error: ProjectNotFound
    })
      .annotate(Produces, [json, eventStream])
      .annotateMerge(
        OpenApi.annotations({
          summary: "A project with its jobs counted, at once or as a stream",
          description:
            "`status` is open, closed (no more jobs come), finished (and all are finished), or cancelled. `counts` are of the jobs that " +
            "are kept, by status; of a finished project they are what they were when it finished. As text/event-stream: the " +
            "project as unnamed events, first as it is now and then as it changes, at most four times a second, with `percent` in between, and " +
            "`end` when it is finished. Last-Event-ID resumes with what is true now; 204 when all was told."
        })
      ),
    HttpApiEndpoint.patch("close", "/projects/:id", {
      params,
      payload: ProjectDecision,
      success: ProjectStanding,
      error: [ProjectNotFound, NotYours]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Close a project: it takes no more jobs",
        description:
          "It is finished as soon as all its jobs are, which may be at once. To close it again changes nothing."
      })
    ),
    HttpApiEndpoint.delete("cancel", "/projects/:id", {
      params,
      query: { reason: Schema.optionalKey(Reason) },
      success: ProjectStanding.pipe(HttpApiSchema.status(202)),
      error: [ProjectNotFound, NotYours, ProjectFinished]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Cancel a project with all its jobs",
        description:
          "It is closed, and its unfinished jobs are cancelled in the background as each of them would be alone. Who asked first, " +
          "and the `reason` that was given, are kept with the project and with the jobs."
      })
    )
  )
  .middleware(Authentication)
  .annotate(NeededRoles, ["client"])
  .annotateMerge(
    OpenApi.annotations({
      title: "Projects",
      description: "Sets of jobs that are followed, closed and cancelled together."
    })
  ) {}
