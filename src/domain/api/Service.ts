/** The server about itself. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"

const Health = Schema.Struct({ status: Schema.Literal("ok") })

const Welcome = Schema.Struct({
  name: Schema.Literal("lazyboss"),
  version: Schema.String,
  documentation: Schema.String,
  openapi: Schema.String
})

export class ServiceApi extends HttpApiGroup.make("service")
  .add(
    HttpApiEndpoint.get("welcome", "/", { success: Welcome }).annotateMerge(
      OpenApi.annotations({ summary: "A short welcome that links to the documentation" })
    ),
    HttpApiEndpoint.get("healthz", "/healthz", { success: Health }).annotateMerge(
      OpenApi.annotations({ summary: "Whether the process lives" })
    ),
    HttpApiEndpoint.get("readyz", "/readyz", { success: Health }).annotateMerge(
      OpenApi.annotations({ summary: "Whether the database answers" })
    )
  )
  .annotateMerge(OpenApi.annotations({ title: "Service", description: "The server about itself." })) {}
