/** Looking on: all that the boss does, as it happens. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { eventNames } from "../events/BossEvent.ts"
import { EventNames } from "../events/EventFilter.ts"
import { Name, ProjectId, TypePattern } from "../Identifiers.ts"
import { eventStream, Produces } from "./Conventions.ts"
import { Authentication } from "./Authentication.ts"

export class EventsApi extends HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("read", "/events", {
      query: {
        type: Schema.optionalKey(TypePattern),
        project: Schema.optionalKey(ProjectId),
        worker: Schema.optionalKey(Name),
        event: Schema.optionalKey(EventNames)
      },
      headers: { "last-event-id": Schema.optional(Schema.String) },
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: eventStream }))
    })
      .annotate(Produces, [eventStream])
      .annotateMerge(
        OpenApi.annotations({
          summary: "Everything the boss does, as it happens, on all servers",
          description:
            "Named events with JSON data: what (`event`), when (`at`), to whom and why. `type` (which may end in `*`), " +
            "`project`, `worker` and `event` (names separated by commas, as in `job.*,attempt.lost`) choose among them. " +
            "`stats` comes once a second in any case. `reset` stands where events are missing: look at the stats anew. " +
            "Last-Event-ID resumes without a gap, as long as this server keeps what follows. " +
            `The events are ${eventNames.join(", ")}.`
        })
      )
  )
  .middleware(Authentication)
  .annotateMerge(OpenApi.annotations({ title: "Events", description: "Looking on as things happen." })) {}
