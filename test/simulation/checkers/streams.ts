/**
 * A stream of claims has at most as many unfinished jobs as its worker said it can do, and tells it of every job that is to
 * be stopped, once, and of no other.
 */
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { CheckerMaker } from "../Checker.ts"

/** The way of a word from the store to a worker. */
const way = 100

interface Open {
  readonly vacancy: Vacancy
  readonly unfinished: Set<AttemptId>
  readonly toldToStop: Set<AttemptId>
}

export const streams: CheckerMaker = {
  name: "streams of claims",
  make: (facts, violated) => {
    const open = new Map<string, Open>()
    /** Since when attempts are to be stopped. */
    const stopping = new Map<AttemptId, number>()
    return {
      changed: ({ after, before }) => {
        const attempt = after?.job.attempt
        if (attempt == null) return
        if (attempt.cancelAt !== null && before?.job.attempt?.cancelAt == null)
          stopping.set(attempt.id, facts.now())
        if (attempt.endedAt === null) return
        const since = stopping.get(attempt.id)
        for (const [stream, { toldToStop, unfinished }] of open) {
          if (!unfinished.delete(attempt.id) || since === undefined || toldToStop.has(attempt.id)) continue
          const late = facts.lateness(since)
          if (late > facts.lag + way)
            violated(`${stream} said nothing in ${late} ms of ${attempt.id}, which was to be stopped`)
        }
      },
      saw: (sighting) => {
        switch (sighting._tag) {
          case "StreamOpened":
            open.set(sighting.stream, {
              vacancy: sighting.vacancy,
              unfinished: new Set(),
              toldToStop: new Set()
            })
            break
          case "StreamGave": {
            const { claimed, stream } = sighting
            const known = open.get(stream)
            if (known === undefined) return violated(`${stream} gave a job when it was closed`)
            const kept = facts.state.histories
              .get(claimed.job.id)
              ?.attempts.find(({ id }) => id === claimed.attempt.id)
            if (kept?.endedAt === null) known.unfinished.add(claimed.attempt.id)
            if (known.unfinished.size > known.vacancy.max)
              violated(`${stream} has ${known.unfinished.size} unfinished, of ${known.vacancy.max}`)
            break
          }
          case "StreamToldToStop": {
            const { claimed, stream } = sighting
            const { id } = claimed.attempt
            const told = open.get(stream)?.toldToStop
            if (!stopping.has(id)) violated(`${stream} was told to stop ${id}, which may go on`)
            if (told?.has(id) === true) violated(`${stream} was told twice to stop ${id}`)
            told?.add(id)
            break
          }
          case "StreamClosed":
            open.delete(sighting.stream)
        }
      }
    }
  }
}
