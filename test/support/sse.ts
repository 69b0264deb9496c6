/** Reads event streams as a client does, with a parser that shares nothing with the server's. */
import { assert } from "@effect/vitest"
import { within } from "./waiting.ts"

/** An event as it came over the wire; the name and the id are null where there was none. */
export interface SseEvent {
  readonly id: string | null
  readonly event: string | null
  readonly data: string
}

const parse = (block: string): SseEvent | null => {
  const fields = block.split("\n").flatMap((line) => {
    const [, name, value] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? []
    return name === undefined ? [] : [{ name, value: value ?? "" }]
  })
  if (fields.length === 0) return null
  const last = (wanted: string) => fields.findLast(({ name }) => name === wanted)?.value ?? null
  const data = fields.filter(({ name }) => name === "data").map(({ value }) => value)
  return { id: last("id"), event: last("event"), data: data.join("\n") }
}

/** An event stream being read. */
export class EventReader {
  /** All comments so far. */
  readonly comments: Array<string> = []
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #decoder = new TextDecoder("utf-8", { fatal: true })
  readonly #events: Array<SseEvent> = []
  #text = ""
  #isOver = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async #read(): Promise<SseEvent | null> {
    while (true) {
      const event = this.#events.shift()
      if (event !== undefined) return event
      if (this.#isOver) return null
      const { done, value } = await this.#chunks.next()
      if (done === true) {
        assert.strictEqual(this.#text, "", "the stream ended in the middle of an event")
        this.#isOver = true
      } else {
        this.#text += this.#decoder.decode(value, { stream: true })
        const blocks = this.#text.split("\n\n")
        this.#text = blocks.pop() ?? ""
        for (const block of blocks) {
          for (const [, comment] of block.matchAll(/^:(.*)$/gm)) this.comments.push(comment ?? "")
          const parsed = parse(block)
          if (parsed !== null) this.#events.push(parsed)
        }
      }
    }
  }

  /** The next event, or null at the end of the stream. */
  next(what = "an event"): Promise<SseEvent | null> {
    return within(this.#read(), what)
  }

  /** The next event, which there must be. */
  async take(what = "an event"): Promise<SseEvent> {
    return (await this.next(what)) ?? assert.fail(`the stream ended instead of ${what}`)
  }

  /** The events up to the first one that `isLast`, with it. */
  async until(isLast: (event: SseEvent) => boolean): Promise<ReadonlyArray<SseEvent>> {
    const events: Array<SseEvent> = []
    while (true) {
      const event = await this.take()
      events.push(event)
      if (isLast(event)) return events
    }
  }

  /** All events to the end of the stream. */
  async rest(): Promise<ReadonlyArray<SseEvent>> {
    const events: Array<SseEvent> = []
    while (true) {
      const event = await this.next("the end of the stream")
      if (event === null) return events
      events.push(event)
    }
  }
}

/** Reads the body of a response as events. */
export const eventsOf = (response: Response): EventReader => {
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream(;|$)/)
  assert.strictEqual(response.headers.get("cache-control"), "no-store")
  assert.strictEqual(response.headers.get("x-accel-buffering"), "no")
  return new EventReader(response.body ?? assert.fail("the response has no body"))
}

/** An event as a worker writes it. */
export const sse = (id: number | string | null, event: string | null, data: string): string =>
  (id === null ? "" : `id: ${id}\n`) +
  (event === null ? "" : `event: ${event}\n`) +
  data
    .split("\n")
    .map((line) => `data: ${line}\n`)
    .join("") +
  "\n"
