/** The HTTP contract as a whole: server, client and OpenAPI are derived from it. */
import { HttpApi, OpenApi } from "effect/http-api"
import { version } from "../version.ts"
import { withCommonHeaders } from "./answerHeaders.ts"
import { BulkActionsApi } from "./BulkActions.ts"
import { Conventions } from "./Conventions.ts"
import { EventsApi } from "./Events.ts"
import { JobsApi } from "./Jobs.ts"
import { PoliciesApi } from "./Policies.ts"
import { ProjectsApi } from "./Projects.ts"
import { SchedulesApi } from "./Schedules.ts"
import { ServiceApi } from "./Service.ts"
import { StatsApi } from "./Stats.ts"
import { TokensApi } from "./Tokens.ts"
import { WorkApi } from "./Work.ts"
import { withSecurity } from "./withSecurity.ts"
import { WorkersApi } from "./Workers.ts"

export class Api extends HttpApi.make("lazyboss")
  .add(
    JobsApi,
    BulkActionsApi,
    ProjectsApi,
    WorkApi,
    PoliciesApi,
    WorkersApi,
    SchedulesApi,
    StatsApi,
    EventsApi,
    TokensApi,
    ServiceApi
  )
  .middleware(Conventions)
  // A mistyped field must not be ignored, and whoever mistyped three wants to hear of all three.
  .annotate(HttpApi.ParseOptions, { onExcessProperty: "error", errors: "all" })
  .annotate(HttpApi.HeadersParseOptions, {})
  .annotate(HttpApi.SuccessParseOptions, {})
  .annotateMerge(
    OpenApi.annotations({
      title: "lazyboss",
      version,
      description: "A job server that any language can use with plain HTTP.",
      license: { name: "MIT" },
      transform: (document) => withCommonHeaders(withSecurity(document))
    })
  ) {}
