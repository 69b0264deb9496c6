/** The streams of claims that are open, and which attempts each of them has that have not ended. */
import type { AttemptId } from "../../../../src/domain/Identifiers.ts"
import type { Vacancy } from "../../../../src/domain/dispatching/Vacancies.ts"
import type { Sighting } from "../../Checker.ts"
import type { Facts } from "../../facts/Facts.ts"
import type { Change } from "../../facts/StoreWatch.ts"

/** How often servers look by themselves whether an attempt has ended that a stream waits for. */
const backstop = 15_000

export interface OpenStream {
  readonly vacancy: Vacancy
  readonly unfinished: Set<AttemptId>
  /** When others of its attempts have ended of which its server may not have heard yet, by what has elapsed. */
  readonly endedAt: Map<AttemptId, number>
  /** Since when it could be given one more, by all that its server may believe; null if it may believe that it has enough. */
  hasRoomSince: number | null
}

export class OpenStreams {
  readonly #facts: Facts
  readonly #open = new Map<string, OpenStream>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  get(name: string): OpenStream | undefined {
    return this.#open.get(name)
  }

  all(): Iterable<readonly [string, OpenStream]> {
    return this.#open
  }

  changed({ after }: Change): void {
    const attempt = after?.job.attempt
    if (attempt?.endedAt == null) return
    for (const { endedAt, unfinished } of this.#open.values()) {
      if (unfinished.delete(attempt.id)) endedAt.set(attempt.id, this.#facts.elapsed())
    }
  }

  saw(sighting: Sighting): void {
    if (sighting._tag === "StreamOpened") {
      const { stream, vacancy } = sighting
      const hasRoomSince = this.#facts.now()
      this.#open.set(stream, { vacancy, unfinished: new Set(), endedAt: new Map(), hasRoomSince })
    } else if (sighting._tag === "StreamGave") this.#gave(sighting)
    else if (sighting._tag === "StreamClosed") this.#open.delete(sighting.stream)
    else if (sighting._tag === "Glance") for (const stream of this.#open.values()) this.#lookForRoom(stream)
  }

  #gave({ claimed: { attempt, job }, stream }: Extract<Sighting, { readonly _tag: "StreamGave" }>): void {
    const known = this.#open.get(stream)
    if (known === undefined) return
    const kept = this.#facts.state.histories.get(job.id)?.attempts.find(({ id }) => id === attempt.id)
    if (kept?.endedAt === null) known.unfinished.add(attempt.id)
    else known.endedAt.set(attempt.id, this.#facts.elapsed())
    this.#lookForRoom(known)
  }

  #lookForRoom(stream: OpenStream): void {
    const heardBefore = this.#facts.elapsed() - this.#facts.delays.lag(backstop)
    for (const [attempt, at] of stream.endedAt) if (at < heardBefore) stream.endedAt.delete(attempt)
    const isFull = stream.unfinished.size + stream.endedAt.size >= stream.vacancy.max
    if (isFull) stream.hasRoomSince = null
    else stream.hasRoomSince ??= this.#facts.now()
  }
}
