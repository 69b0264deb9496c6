/**
 * What a worker tells while it works: pure rules for its event stream, of which nothing is lost and nothing is applied
 * twice. A worker numbers its events 1, 2, 3, …; the high-water mark is the number of the last one that is stored.
 */
import { Predicate, Result, Schema } from "effect"
import { isNestedWithin, deepestNesting, type JsonValue } from "../Json.ts"
import type { ProgressEvent } from "./SignOfLife.ts"

/** An event as it came over the wire. The id is empty when the event had none of its own. */
export interface WireEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Why a stream of events must end. */
export type StreamEnd =
  { readonly _tag: "Rewind"; readonly mark: number } | { readonly _tag: "Malformed"; readonly detail: string }

/** What is to be stored and answered for some events. */
export interface Received {
  readonly events: ReadonlyArray<ProgressEvent>
  readonly percent: number | null
  readonly message: string | null
  readonly checkpoint: JsonValue | undefined
  /** The id up to which all may be acknowledged once the events are stored; null if there was none. */
  readonly acknowledge: number | null
  readonly end: StreamEnd | null
}

const decodeJson = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Json))

type Meaning = Pick<Received, "percent" | "message" | "checkpoint">

const nothing: Meaning = { percent: null, message: null, checkpoint: undefined }

const readPercent = (text: string): Result.Result<Meaning, string> => {
  const percent = /^\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return percent <= 100
    ? Result.succeed({ ...nothing, percent })
    : Result.fail(`a percent must be a number from 0 to 100, not ${JSON.stringify(text.slice(0, 40))}`)
}

const readCheckpoint = (text: string): Result.Result<Meaning, string> => {
  const checkpoint = decodeJson(text)
  if (Result.isFailure(checkpoint)) return Result.fail("a checkpoint must be JSON")
  return isNestedWithin(checkpoint.success, deepestNesting)
    ? Result.succeed({ ...nothing, checkpoint: checkpoint.success })
    : Result.fail(`a checkpoint must not be nested deeper than ${deepestNesting}`)
}

/** The name of a worker's own event. Stores cannot all hold U+0000. */
// eslint-disable-next-line no-control-regex
const isEventName = (name: string) => /^[^\u0000-\u001f\u007f]{1,128}$/u.test(name)

const meaningOf = ({ data, event }: WireEvent): Result.Result<Meaning, string> => {
  switch (event) {
    // The store writes it in place of what it drops from a log.
    case "log_dropped":
      return Result.fail("log_dropped is an event of the server's own")
    case "percent":
      return readPercent(data.trim())
    case "message":
      return Result.succeed({ ...nothing, message: data })
    case "checkpoint":
      return readCheckpoint(data)
    default:
      return isEventName(event)
        ? Result.succeed(nothing)
        : Result.fail("an event's name must have 1 to 128 characters, none of them a control character")
  }
}

const readId = (text: string): number | null => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : null)

/**
 * Reads events that came after the mark. Events up to the mark were stored before and are only acknowledged again; the
 * next number is new; a gap asks the worker to begin again after the mark; a malformed event ends the stream. What
 * comes before either holds.
 */
export const receive = (mark: number, wireEvents: ReadonlyArray<WireEvent>): Received => {
  const events: Array<ProgressEvent> = []
  let { checkpoint, message, percent } = nothing
  let acknowledge: number | null = null
  let end: StreamEnd | null = null
  let next = mark + 1

  for (const wireEvent of wireEvents) {
    const id = readId(wireEvent.id)
    if (id === null) {
      end = {
        _tag: "Malformed",
        detail:
          "every event needs an id of its own: a positive integer, one more than that of the event before"
      }
      break
    }
    if (id > next) {
      end = { _tag: "Rewind", mark: next - 1 }
      break
    }
    if (id === next) {
      const meaning = meaningOf(wireEvent)
      if (Result.isFailure(meaning)) {
        end = { _tag: "Malformed", detail: meaning.failure }
        break
      }
      percent = meaning.success.percent ?? percent
      message = meaning.success.message ?? message
      if (Predicate.isNotUndefined(meaning.success.checkpoint)) checkpoint = meaning.success.checkpoint
      events.push({ id, event: wireEvent.event, data: wireEvent.data })
      next += 1
    }
    acknowledge = Math.max(acknowledge ?? 0, id)
  }
  return { events, percent, message, checkpoint, acknowledge, end }
}
