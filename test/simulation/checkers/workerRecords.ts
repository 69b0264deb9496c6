/** What is kept of workers: the record of each says how its attempts ended, and who holds a job or was just heard of is there. */
import { DateTime, Duration } from "effect"
import type { WorkDone } from "../../../src/domain/workers/WorkerRepo.ts"
import { goneAfter } from "../../../src/domain/workers/Worker.ts"
import type { CheckerMaker } from "../Checker.ts"
import { endedBy, type EndedAttempt } from "./known/EndedAttempts.ts"

type Tally = Pick<WorkDone, "done" | "failed" | "lost">

const nothing: Tally = { done: 0, failed: 0, lost: 0 }
const columns = ["done", "failed", "lost"] as const

const columnOf = ({ outcome }: EndedAttempt): keyof Tally | null => {
  switch (outcome) {
    case "done":
    case "failed":
    case "lost":
      return outcome
    case "timed-out":
      return "failed"
    case "cancelled":
    case "released":
      return null
  }
}

export const workerRecords: CheckerMaker = {
  name: "records of workers",
  make: (facts, violated) => {
    const { faults, incidents } = facts.options
    /** What has come of the attempts of each worker, by type. */
    const counted = new Map<string, Map<string, Tally>>()

    const checkRecords = () => {
      // Nobody knows whether what was not answered is stored.
      if (faults.storeAfter > 0) return
      for (const [worker, tallies] of counted) {
        for (const [type, tally] of tallies) {
          const kept = facts.state.workers.get(worker)?.work.get(type) ?? nothing
          for (const column of columns) {
            const [is, was] = [kept[column], tally[column]]
            // What a server has not written down when it dies is lost.
            if (is > was || (is < was && incidents.serverDies === null))
              violated(`${worker} has ${is} of ${type} ${column} on its record, and it was ${was}`)
          }
        }
      }
    }

    return {
      changed: (change) => {
        const ended = endedBy(change)
        const column = ended === null ? null : columnOf(ended)
        if (ended === null || column === null) return
        const { type, worker } = ended
        const tallies = counted.get(worker) ?? new Map<string, Tally>()
        counted.set(worker, tallies)
        const before = tallies.get(type) ?? nothing
        tallies.set(type, { ...before, [column]: before[column] + 1 })
      },
      workerChanged: (before, after) => {
        if (after === null || before?.isPresent !== true || after.isPresent) return
        const { lastSeenAt, name } = after
        const held = [...facts.state.byStatus.processing.values()].find(
          ({ attempt }) => attempt?.worker === name
        )
        if (held !== undefined) violated(`${name} counts as gone, and does ${held.id}`)
        const silent = lastSeenAt === null ? Infinity : facts.now() - DateTime.toEpochMillis(lastSeenAt)
        if (silent < Duration.toMillis(goneAfter)) violated(`${name} counts as gone after ${silent} ms`)
      },
      saw: (sighting) => {
        if (sighting._tag === "End") checkRecords()
      }
    }
  }
}
