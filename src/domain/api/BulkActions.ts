/** Deciding about many jobs at once. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { AskedBulkAction, BulkAction, BulkForecast } from "../jobs/BulkAction.ts"
import { BulkActionNotFound } from "../Errors.ts"
import { BulkActionId } from "../Identifiers.ts"
import { answerHeaders } from "./answerHeaders.ts"
import { Authentication } from "./Authentication.ts"

export class BulkActionsApi extends HttpApiGroup.make("bulkActions")
  .add(
    HttpApiEndpoint.post("ask", "/jobs/actions", {
      payload: AskedBulkAction,
      success: [BulkAction.pipe(HttpApiSchema.status(202)), BulkForecast]
    }).annotateMerge(
      OpenApi.annotations({
        transform: answerHeaders({ 202: ["Location"] }),
        summary: "Retry or cancel all jobs that fit a filter",
        description:
          "The filter has the conditions of the list of jobs, and `{}` is all jobs. `retry` means the failed ones, and the " +
          'cancelled ones if the filter says `"status": "cancelled"`; `cancel` those that are not finished. Jobs that are ' +
          "created, or that finish, after this are left alone. Answers with the number of jobs that are meant (`matched`) and " +
          "the Location of the action, which is carried out in the background, the newest jobs first. To count takes as long as " +
          "to look through all jobs that could be meant. With `dryRun` they are counted, and nothing is done: the answer is 200 with `matched`."
      })
    ),
    HttpApiEndpoint.get("get", "/jobs/actions/:id", {
      params: { id: BulkActionId },
      success: BulkAction,
      error: BulkActionNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "How far such an action has come",
        description:
          "`done` counts the jobs that were changed so far; `finishedAt` says when all were looked at. `done` can become more than " +
          "`matched`: jobs that somebody retries or amends in the meantime may be meant from then on. A finished action is " +
          "forgotten after 30 days at the earliest."
      })
    )
  )
  .middleware(Authentication)
  .annotateMerge(
    OpenApi.annotations({ title: "Bulk actions", description: "Deciding about many jobs at once." })
  ) {}
