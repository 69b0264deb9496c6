/** The streams of claims that are open, and which attempts each of them has that have not ended. */
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { Sighting } from "../Checker.ts"
import type { Change, Facts } from "../Facts.ts"

export interface OpenStream {
  readonly vacancy: Vacancy
  readonly unfinished: Set<AttemptId>
  /** Since when it could be given one more; null while it has as many as its worker said it can do. */
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
    for (const stream of this.#open.values()) {
      if (stream.unfinished.delete(attempt.id)) stream.hasRoomSince ??= this.#facts.now()
    }
  }

  saw(sighting: Sighting): void {
    if (sighting._tag === "StreamOpened") {
      const { stream, vacancy } = sighting
      this.#open.set(stream, { vacancy, unfinished: new Set(), hasRoomSince: this.#facts.now() })
    } else if (sighting._tag === "StreamGave") this.#gave(sighting)
    else if (sighting._tag === "StreamClosed") this.#open.delete(sighting.stream)
  }

  #gave({ claimed: { attempt, job }, stream }: Extract<Sighting, { readonly _tag: "StreamGave" }>): void {
    const known = this.#open.get(stream)
    const kept = this.#facts.state.histories.get(job.id)?.attempts.find(({ id }) => id === attempt.id)
    if (known === undefined || kept?.endedAt !== null) return
    known.unfinished.add(attempt.id)
    if (known.unfinished.size >= known.vacancy.max) known.hasRoomSince = null
  }
}
