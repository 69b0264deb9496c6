/**
 * Nobody waits in vain: while somebody waits at a server, or on a stream that has room, who may have a job that is pending,
 * both for longer than a tick, the job is given away, unless a rule keeps it back.
 */
import { DateTime, Duration } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { CheckerMaker } from "../Checker.ts"
import { whyNot } from "./rules/eligibility.ts"
import { isUnrestricted, mayBeGiven } from "./rules/freedom.ts"
import { OpenStreams } from "./known/OpenStreams.ts"
import { RoomLeft } from "./known/RoomLeft.ts"

/** How often servers look by themselves for jobs whose constraints are relaxed. */
const backstopOfRelaxing = 30_000

interface Wait {
  readonly vacancy: Vacancy
  readonly since: number
}

export const inVain: CheckerMaker = {
  name: "nobody waits in vain",
  make: (facts, violated) => {
    const waits = new Map<string, Wait>()
    const streams = new OpenStreams(facts)
    const room = new RoomLeft(facts)
    const pending = new Map<JobId, number>()

    /** Who has waited for longer than a tick. */
    const longWaiting = (): ReadonlyArray<Wait> =>
      [
        ...waits.values(),
        ...Array.from(streams.all(), ([, { hasRoomSince, vacancy }]) => ({ vacancy, since: hasRoomSince }))
      ].flatMap(({ since, vacancy }) =>
        since !== null && facts.delays.lateness(since) > facts.delays.tick ? [{ vacancy, since }] : []
      )

    const look = () => {
      if (pending.size === 0) return
      const { tick } = facts.delays
      const waiting = longWaiting()
      if (waiting.length === 0) return
      for (const [id, since] of pending) {
        const job = facts.state.histories.get(id)?.job
        if (job === undefined || facts.delays.lateness(since) <= tick) continue
        const pendingFor = facts.now() - DateTime.toEpochMillis(job.runAt) - tick - backstopOfRelaxing
        const inVain = waiting.find(
          ({ vacancy }) =>
            mayBeGiven(facts, room, { job, since, worker: vacancy.worker }) &&
            isUnrestricted(facts, vacancy.worker, job.group.type) &&
            whyNot(vacancy, job, pendingFor) === null
        )
        if (inVain === undefined) continue
        const { since: from, vacancy } = inVain
        const both = Duration.format(
          Duration.millis(Math.min(facts.delays.lateness(since), facts.delays.lateness(from)))
        )
        violated(`${id} is pending, and ${vacancy.worker} waits, for ${both}`)
      }
    }

    return {
      changed: (change) => {
        const { after, id } = change
        streams.changed(change)
        room.changed(change)
        if (after?.job.status === "pending") pending.set(id, facts.now())
        else pending.delete(id)
      },
      saw: (sighting) => {
        streams.saw(sighting)
        if (sighting._tag === "Waits") {
          waits.set(sighting.wait, { vacancy: sighting.vacancy, since: facts.now() })
        } else if (sighting._tag === "WaitIsOver") waits.delete(sighting.wait)
        else if (sighting._tag === "Glance") look()
      }
    }
  }
}
