/** How things stand, for dashboards and for those who watch over servers. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { TypeNotFound } from "../Errors.ts"
import { Name } from "../Identifiers.ts"
import { StatsSnapshot, TypeStats } from "../stats/StatsSnapshot.ts"
import { plainText, Produces } from "./Conventions.ts"
import { Authentication } from "./Authentication.ts"

/** The form of metrics that Prometheus reads. */
export const prometheusText = `${plainText}; version=0.0.4`

/** The busiest types first. `truncated` if there are more of them. */
export const TypeList = Schema.Struct({ items: Schema.Array(TypeStats), truncated: Schema.Boolean })

/** What the supervisor decides about a type. */
export const TypeDecision = Schema.Struct({ paused: Schema.Boolean }).annotate({ identifier: "TypeDecision" })

export class StatsApi extends HttpApiGroup.make("stats")
  .add(
    HttpApiEndpoint.get("types", "/types", { success: TypeList }).annotateMerge(
      OpenApi.annotations({
        summary: "The job types, and how it stands with each",
        description:
          "Jobs by status, all that ever happened, rates per second over the last minute, and since when the oldest pending " +
          "job is due. At most 1,000 types, the busiest first. No more than a second old."
      })
    ),
    HttpApiEndpoint.get("type", "/types/:type", {
      params: { type: Name },
      success: TypeStats,
      error: TypeNotFound
    }).annotateMerge(
      OpenApi.annotations({
        summary: "How it stands with one job type",
        description: "One of those that are listed. A name with a slash in it is written with %2F."
      })
    ),
    HttpApiEndpoint.patch("pause", "/types/:type", {
      params: { type: Name },
      payload: TypeDecision,
      success: TypeStats
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Pause a job type, or let it go on",
        description:
          "The same as the field `paused` of its policy: no job of a paused type is given away, and what runs goes on. There " +
          "need not be a job of the type yet."
      })
    ),
    HttpApiEndpoint.get("stats", "/stats", { success: StatsSnapshot }).annotateMerge(
      OpenApi.annotations({
        summary: "How things stand",
        description:
          "One snapshot for a dashboard, no more than a second old. Counts, totals and rates are of all servers on the " +
          "database; `vacancies`, `wait`, `run`, `streams` and `uptime` of the one that answers. Rates are known from the " +
          "second question within a minute on."
      })
    ),
    HttpApiEndpoint.get("metrics", "/metrics", {
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: prometheusText }))
    })
      .annotate(Produces, [plainText, prometheusText])
      .annotateMerge(
        OpenApi.annotations({
          summary: "Metrics, in the text format of Prometheus",
          description:
            "Counts of jobs are of all servers on the database, everything else is of the one that answers."
        })
      )
  )
  .middleware(Authentication)
  .annotateMerge(OpenApi.annotations({ title: "Stats", description: "How things stand." })) {}
