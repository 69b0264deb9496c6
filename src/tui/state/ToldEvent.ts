/** An event as the server tells it, which is read when somebody asks: of a thousand in a second few are looked at. */
import { DateTime, Option, Schema } from "effect"
import { BossEvent, type BossEventJson } from "../../domain/events/BossEvent.ts"

const readEvent = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.toEncoded(BossEvent)))

export class ToldEvent {
  /** What kind of event it is. */
  readonly name: string
  readonly #data: string
  #event: BossEventJson | null | undefined

  constructor(name: string, data: string) {
    this.name = name
    this.#data = data
  }

  /** Null if it says nothing that is known here: a newer server may tell more. */
  get event(): BossEventJson | null {
    if (this.#event === undefined) this.#event = Option.getOrNull(readEvent(this.#data))
    return this.#event
  }
}

/** When it happened. */
export const timeOf = ({ at }: BossEventJson): number => DateTime.toEpochMillis(DateTime.makeUnsafe(at))
