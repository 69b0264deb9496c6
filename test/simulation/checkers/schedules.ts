/** A tick gets one job, whatever the number of servers and whichever dies; none comes early, none is noticed late. */
import { DateTime } from "effect"
import type { CheckerMaker } from "../Checker.ts"

const millis = (time: DateTime.Utc): number => DateTime.toEpochMillis(time)

/** The seconds between two ticks of the crons that occur in a run. */
const periodOf = (cron: string): number => 1_000 * Number(/^\*\/(\d+) /.exec(cron)?.[1] ?? 60)

export const schedules: CheckerMaker = {
  name: "one job for each tick",
  make: (facts, violated) => {
    /** How many jobs the last change of each schedule may bring. */
    const due = new Map<string, number>()
    /** When each schedule was changed last by somebody, by the clock of then: its next tick is the first after it. */
    const changedAt = new Map<string, number>()
    return {
      scheduleChanged: (name, before, after) => {
        if (before === null || after === null) {
          changedAt.set(name, facts.now())
          return void due.delete(name)
        }
        const [was, is] = [before.schedule, after.schedule]
        const ticked =
          is.lastTick !== null && (was.lastTick === null || !DateTime.Equivalence(is.lastTick, was.lastTick))
        if (!ticked || is.lastTick === null) {
          changedAt.set(name, facts.now())
          return void due.set(name, is.lastJob === was.lastJob ? 0 : 1)
        }
        const last = millis(is.lastTick)
        if (last > facts.latest) violated(`${name} fired ${last - facts.latest} ms early`)
        if (was.lastTick !== null && last < millis(was.lastTick))
          violated(`${name} went back to an earlier tick`)
        if (was.nextTick !== null) {
          const late = facts.lateness(millis(was.nextTick))
          if (late > facts.tick) violated(`${name} fired ${late} ms late`)
        }
        const period = periodOf(was.rules.cron)
        // A schedule that was created before the clock was set back may be changed before the time of its creation.
        const known = Math.min(millis(was.createdAt), changedAt.get(name) ?? Infinity)
        const begin = Math.max(was.lastTick === null ? 0 : millis(was.lastTick), known)
        due.set(name, Math.floor(last / period) - Math.floor(begin / period))
      },
      changed: ({ after, before, id }) => {
        const name = after?.job.schedule ?? null
        if (before !== null || name === null) return
        const left = due.get(name) ?? 0
        if (left <= 0) violated(`${id} was created by ${name} for no tick`)
        due.set(name, left - 1)
      }
    }
  }
}
