/** What the supervisor knows of workers, and decides about them. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { WorkerNotFound } from "../Errors.ts"
import { Name, Reason } from "../Identifiers.ts"
import { Worker, WorkerState } from "../workers/Worker.ts"
import { PageLimit } from "./Conventions.ts"
import { Authentication } from "./Authentication.ts"

/** A page of workers, by name. `next` is the cursor of the next page, null on the last. */
export const WorkerPage = Schema.Struct({ items: Schema.Array(Worker), next: Schema.NullOr(Schema.String) })

/** What the supervisor decides about a worker, and why. */
export const WorkerDecision = Schema.Struct({
  state: WorkerState,
  reason: Schema.optionalKey(Schema.NullOr(Reason))
}).annotate({ identifier: "WorkerDecision" })

const params = { name: Name }

export class WorkersApi extends HttpApiGroup.make("workers")
  .add(
    HttpApiEndpoint.get("list", "/workers", {
      query: {
        state: Schema.optionalKey(WorkerState),
        limit: Schema.optionalKey(PageLimit),
        cursor: Schema.optionalKey(Name)
      },
      success: WorkerPage
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List workers by name",
        description: "100 a page unless `limit` says otherwise."
      })
    ),
    HttpApiEndpoint.get("get", "/workers/:name", {
      params,
      success: Worker,
      error: WorkerNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "What is known of a worker",
        description:
          "When it was last seen, what it can do, what it holds, what it has made of the jobs of each type, and the types " +
          "that it is kept from. A name with a slash in it is written with %2F."
      })
    ),
    HttpApiEndpoint.patch("decide", "/workers/:name", {
      params,
      payload: WorkerDecision,
      success: Worker
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Pause or ban a worker, or let it work again",
        description:
          "A paused worker gets no jobs and finishes what it holds. A banned one loses what it holds at once, charged to " +
          "nobody. The worker need not have been seen."
      })
    )
  )
  .middleware(Authentication)
  .annotateMerge(OpenApi.annotations({ title: "Workers", description: "The workers and their records." })) {}
