/** The progress of an attempt: an event stream in the request, another in the answer, both at the same time. */
import { DateTime, Effect, Option, Stream } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { Holding } from "../../domain/attempts/Attempt.ts"
import { eventStream } from "../../domain/api/Conventions.ts"
import { Boss } from "../../domain/Boss.ts"
import { Measures } from "../../domain/stats/Measures.ts"
import type { Signal } from "../../domain/attempts/ProgressExchange.ts"
import * as EventStreams from "./EventStreams.ts"
import { invalid } from "./Problems.ts"
import { requireMediaType } from "./RequestBodies.ts"

const parseMark = (text: string): Option.Option<number> =>
  /^\d{1,15}$/.test(text) ? Option.some(Number(text)) : Option.none()

const errorEvent = (code: string, detail: string): EventStreams.OutgoingEvent => ({
  id: undefined,
  event: "error",
  data: JSON.stringify({ code, detail })
})

const toEvent = (signal: Signal): EventStreams.OutgoingEvent => {
  switch (signal._tag) {
    case "Seen":
      return { id: String(signal.mark), event: "seen", data: "seen" }
    case "Rewind":
      return { id: undefined, event: "rewind", data: String(signal.mark) }
    case "Lease":
      return {
        id: undefined,
        event: "lease",
        data: JSON.stringify({ expiresAt: DateTime.formatIso(signal.expiresAt) })
      }
    case "Cancel":
      return EventStreams.cancelEvent(signal, {})
    case "Malformed":
      return errorEvent("malformed", signal.detail)
    case "Over":
      return errorEvent("attempt-over", `the attempt ended as ${signal.outcome ?? "unknown"}`)
  }
}

/** Answers a progress request of the worker that holds the attempt. */
export const answerProgress = Effect.gen(function* () {
  const boss = yield* Boss
  const events = yield* EventStreams.make
  const { whileOpen } = yield* Measures

  return Effect.fnUntraced(function* (
    holding: Holding,
    lastEventId: string | undefined,
    request: HttpServerRequest.HttpServerRequest
  ) {
    yield* Effect.fromResult(requireMediaType(request, (type) => type === eventStream, eventStream))
    const held = lastEventId === undefined ? Option.none() : parseMark(lastEventId)
    if (lastEventId !== undefined && Option.isNone(held)) {
      return yield* invalid("Last-Event-Id", "must be the number of the last acknowledgement")
    }
    const body = Stream.decodeText(request.stream)
    const { mark, signals } = yield* boss.progress(holding, held, body)
    return yield* events(whileOpen("progress")(Stream.map(signals, toEvent)), {
      status: 202,
      headers: { "last-event-id": String(mark) }
    })
  })
})
