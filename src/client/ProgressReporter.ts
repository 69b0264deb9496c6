/** Tells the server how a job goes: events are numbered, sent in short bodies, and sent again until acknowledged. */
import { Effect, Latch, Queue } from "effect"
import { Sse } from "effect/encoding"
import type { Assignment } from "../domain/Job.ts"
import type { JsonValue } from "../domain/Json.ts"
import { LazybossClient } from "./LazybossClient.ts"
import { untilItIsBack } from "./Reconnecting.ts"

/** Events that may wait to be sent; a worker that tells more is held up. */
const backlog = 1_000

/** How a worker tells of its work. Each returns once the event is on its way, not when it has arrived. */
export interface ProgressReporter {
  /** Appends text to the job's log, as it is: a line needs its line break. */
  readonly log: (text: string) => Effect.Effect<void>
  /** 0 to 100. */
  readonly percent: (percent: number) => Effect.Effect<void>
  /** A line for people. */
  readonly message: (text: string) => Effect.Effect<void>
  /** What the next attempt is to begin with, if this one is lost. */
  readonly checkpoint: (value: JsonValue) => Effect.Effect<void>
}

interface NumberedEvent {
  readonly id: number
  readonly text: string
}

/**
 * Makes the reporter of one assignment. `flush` waits until all that was told has arrived. `onCancel` runs when the
 * server wants the work to stop.
 */
export const make = Effect.fnUntraced(function* (assignment: Assignment, onCancel: Effect.Effect<void>) {
  const client = yield* LazybossClient
  const queue = yield* Queue.bounded<NumberedEvent>(backlog)
  const idle = yield* Latch.make(true)
  let lastId = 0

  const tell = (event: string, data: string) =>
    Effect.suspend(() => {
      lastId += 1
      const id = lastId
      idle.closeUnsafe()
      return Effect.asVoid(
        Queue.offer(queue, { id, text: Sse.encoder.write({ _tag: "Event", id: String(id), event, data }) })
      )
    })

  const send = (events: ReadonlyArray<NumberedEvent>) =>
    client.work.progress({
      params: { id: assignment.id, attempt: assignment.attempt },
      headers: {},
      payload: events.map(({ text }) => text).join("")
    })

  const sendNext = Effect.gen(function* () {
    const events = yield* Queue.takeBetween(queue, 1, backlog)
    const answer = yield* send(events).pipe(
      Effect.retry({ schedule: untilItIsBack, while: ({ _tag }) => _tag === "HttpClientError" }),
      // The attempt is over, or no longer ours: there is nobody left to tell.
      Effect.orElseSucceed(() => "")
    )
    if (/^event: cancel$/m.test(answer)) yield* onCancel
    if (events.at(-1)?.id === lastId) yield* idle.open
  })
  yield* Effect.forkScoped(Effect.forever(sendNext))

  const reporter: ProgressReporter = {
    log: (text) => tell("log_chunk", text),
    percent: (percent) => tell("percent", String(percent)),
    message: (text) => tell("message", text),
    checkpoint: (value) => tell("checkpoint", JSON.stringify(value))
  }
  return { reporter, flush: idle.await }
})
