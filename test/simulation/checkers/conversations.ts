/**
 * What a worker is told while it sends its progress: marks that only grow, that it is to stop once, soon, and only if it is,
 * that the attempt is over only when it is, and nothing after the last word. The conversation ends with its attempt.
 */
import type { Holding } from "../../../src/domain/attempts/Attempt.ts"
import type { CheckerMaker } from "../Checker.ts"
import { way } from "../facts/Delays.ts"
import { ToBeStopped } from "./known/ToBeStopped.ts"

/** How often a server looks by itself what became of an attempt. */
const backstop = 15_000

interface Talk {
  readonly holding: Holding
  readonly since: number
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
    const toBeStopped = new ToBeStopped(facts)
    const attemptOf = ({ attempt, job }: Holding) =>
      facts.state.histories.get(job)?.attempts.find(({ id }) => id === attempt)

    const isLate = (late: number) => late > facts.delays.lag(backstop) + way

    const checkSilence = (name: string, { holding, isToldToStop, overSince, since }: Talk) => {
      if (overSince !== null) {
        const late = facts.delays.lateness(overSince)
        if (isLate(late)) violated(`${name} goes on ${late} ms after its attempt has ended`)
        return
      }
      const stopped = toBeStopped.since(holding.attempt)
      if (isToldToStop || stopped === undefined) return
      const late = facts.delays.lateness(Math.max(stopped, since))
      if (isLate(late)) violated(`${name} was not told for ${late} ms that it is to stop`)
    }

    return {
      changed: (change) => {
        toBeStopped.changed(change)
        const attempt = change.after?.job.attempt
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
              since: facts.now(),
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
            if (talk === undefined) return violated(`${name} was told ${signal._tag} after its end`)
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
            for (const [name, talk] of talks) checkSilence(name, talk)
            break
          case "TalkEnded": {
            const talk = talks.get(sighting.talk)
            if (talk !== undefined) checkSilence(sighting.talk, talk)
            talks.delete(sighting.talk)
          }
        }
      }
    }
  }
}
