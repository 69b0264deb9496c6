/**
 * What a worker is told while it sends its progress: marks that only grow, that it is to stop once and only if it is, that
 * the attempt is over only when it is, and nothing after the last word. The conversation ends with its attempt.
 */
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import type { CheckerMaker } from "../Checker.ts"

/** How often a server looks by itself what became of an attempt. */
const backstop = 15_000
/** The way of a word from the store to a worker. */
const way = 100

interface Talk {
  readonly holding: Holding
  mark: number
  isToldToStop: boolean
  lastWord: string | null
  /** When its attempt had ended, as far as it has. */
  overSince: number | null
}

export const conversations: CheckerMaker = {
  name: "conversations",
  make: (facts, violated) => {
    const talks = new Map<string, Talk>()
    const attemptOf = ({ attempt, job }: Holding) =>
      facts.state.histories.get(job)?.attempts.find(({ id }) => id === attempt)

    const endLate = (name: string, { overSince }: Talk) => {
      if (overSince === null) return
      const late = facts.lateness(overSince)
      if (late > facts.lag(backstop) + way) violated(`${name} goes on ${late} ms after its attempt has ended`)
    }

    return {
      changed: ({ after }) => {
        const attempt = after?.job.attempt
        if (attempt?.endedAt == null) return
        for (const talk of talks.values()) {
          if (talk.holding.attempt === attempt.id) talk.overSince ??= facts.now()
        }
      },
      saw: (sighting) => {
        switch (sighting._tag) {
          case "TalkBegan": {
            const { holding, talk } = sighting
            const isOver = attemptOf(holding)?.endedAt != null
            talks.set(talk, {
              holding,
              mark: 0,
              isToldToStop: false,
              lastWord: null,
              overSince: isOver ? facts.now() : null
            })
            break
          }
          case "TalkTold": {
            const { signal, talk: name } = sighting
            const talk = talks.get(name)
            if (talk === undefined) return
            if (talk.lastWord !== null) violated(`${name} was told ${signal._tag} after ${talk.lastWord}`)
            const attempt = attemptOf(talk.holding)
            if (signal._tag === "Seen") {
              if (signal.mark < talk.mark) violated(`${name} was told ${signal.mark} after ${talk.mark}`)
              talk.mark = signal.mark
            } else if (signal._tag === "Cancel") {
              if (talk.isToldToStop) violated(`${name} was told twice to stop`)
              if (attempt?.cancelAt === null) violated(`${name} was told to stop, and nobody wished it`)
              talk.isToldToStop = true
            } else if (signal._tag !== "Lease") {
              talk.lastWord = signal._tag
              if (signal._tag === "Over" && attempt?.endedAt === null)
                violated(`${name} was told that its attempt is over, which lives`)
            }
            break
          }
          case "Glance":
            for (const [name, talk] of talks) endLate(name, talk)
            break
          case "TalkEnded": {
            const talk = talks.get(sighting.talk)
            if (talk !== undefined) endLate(sighting.talk, talk)
            talks.delete(sighting.talk)
          }
        }
      }
    }
  }
}
