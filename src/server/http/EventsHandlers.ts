/** Translates between HTTP and the feed of events. */
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { EventFeed } from "../../domain/events/EventFeed.ts"
import { Measures } from "../../domain/stats/Measures.ts"
import * as EventStreams from "./EventStreams.ts"
import { withAllServices } from "./RequestServices.ts"

export const EventsHandlers = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fnUntraced(function* (handlers) {
    const feed = yield* EventFeed
    const { whileOpen } = yield* Measures
    const events = yield* EventStreams.make
    return handlers.handle("read", ({ headers, query }) =>
      events(whileOpen("events")(feed.read(query, Option.fromUndefinedOr(headers["last-event-id"]))))
    )
  }, withAllServices)
)
