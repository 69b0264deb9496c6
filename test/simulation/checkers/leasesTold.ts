/**
 * A worker that sends its progress is told how long its lease is: what it was told last is never behind by more than a third
 * of it, and it is not told for less.
 */
import { DateTime, Duration } from "effect"
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker, Sighting } from "../Checker.ts"

interface Talk {
  readonly attempt: AttemptId
  /** The least gain that it is told of. */
  readonly least: number
  readonly since: number
  /** Until when the lease is as the server may have known at the beginning, or has told. */
  known: number
  hasTold: boolean
  /** Until when the lease was as its progress was stored that was acknowledged last. */
  stored: number
}

const until = ({ leaseExpiresAt }: AttemptRecord): number => DateTime.toEpochMillis(leaseExpiresAt)

export const leasesTold: CheckerMaker = {
  name: "workers know their leases",
  make: (facts, violated) => {
    const talks = new Map<string, Talk>()
    /** Until when the lease of an attempt was when each event was stored. */
    const storedAt = new Map<AttemptId, Map<number, number>>()

    const began = ({ holding, talk }: Extract<Sighting, { readonly _tag: "TalkBegan" }>) => {
      const attempt = facts.state.histories
        .get(holding.job)
        ?.attempts.find(({ id }) => id === holding.attempt)
      if (attempt === undefined) return
      talks.set(talk, {
        attempt: attempt.id,
        least: Duration.toMillis(attempt.lease) / 3,
        since: facts.elapsed(),
        known: until(attempt),
        hasTold: false,
        stored: until(attempt)
      })
    }

    // By what it was told before it must know of the lease as it was then: the word comes right after the acknowledgement.
    const checkKnown = (name: string, { known, least, since, stored }: Talk) => {
      if (facts.troubles.wasClockSetWithin(facts.elapsed() - since + 1)) return
      if (stored - known > least)
        violated(`${name} was not told that its lease is longer by ${stored - known} ms`)
    }

    return {
      changed: ({ after, before }) => {
        const attempt = after?.job.attempt
        if (attempt == null || attempt.mark === (before?.job.attempt?.mark ?? 0)) return
        const times = storedAt.get(attempt.id) ?? new Map<number, number>()
        storedAt.set(attempt.id, times.set(attempt.mark, until(attempt)))
      },
      saw: (sighting) => {
        if (sighting._tag === "TalkBegan") began(sighting)
        if (sighting._tag === "TalkEnded") talks.delete(sighting.talk)
        if (sighting._tag !== "TalkTold") return
        const { signal, talk: name } = sighting
        const talk = talks.get(name)
        if (talk === undefined) return
        if (signal._tag === "Lease") {
          const told = DateTime.toEpochMillis(signal.expiresAt)
          if (talk.hasTold && told - talk.known <= talk.least)
            violated(`${name} was told of its lease for ${told - talk.known} ms more`)
          talk.known = told
          talk.hasTold = true
        } else if (signal._tag === "Seen") {
          checkKnown(name, talk)
          talk.stored = storedAt.get(talk.attempt)?.get(signal.mark) ?? talk.stored
        }
      }
    }
  }
}
