/** The attempts that somebody has asked to stop. */
import type { AttemptId } from "../../../../src/domain/Identifiers.ts"
import type { Facts } from "../../facts/Facts.ts"
import type { Change } from "../../facts/StoreWatch.ts"

export class ToBeStopped {
  readonly #facts: Facts
  readonly #since = new Map<AttemptId, number>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  changed({ after, before }: Change): void {
    const attempt = after?.job.attempt
    if (attempt == null || attempt.cancelAt === null || before?.job.attempt?.cancelAt != null) return
    this.#since.set(attempt.id, this.#facts.now())
  }

  /** Since when an attempt is to be stopped, in milliseconds since the epoch; undefined for one that may go on. */
  since(attempt: AttemptId): number | undefined {
    return this.#since.get(attempt)
  }
}
