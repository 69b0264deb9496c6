/**
 * A tick gets the jobs that the rules of its schedule say, no more and no less, whatever the number of servers and whichever
 * dies, in place of earlier ones if it is to replace them; none comes early, none is noticed late.
 */
import { DateTime } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { ScheduleRecord, ScheduleRules } from "../../../src/domain/schedules/Schedule.ts"
import type { CheckerMaker } from "../Checker.ts"
import { countTicks, type Expected, expectedOf, firstAfter, type InTheWay } from "./rules/owedTicks.ts"

const millis = (time: DateTime.Utc | null): number =>
  time === null ? -Infinity : DateTime.toEpochMillis(time)

/** What is known of a schedule, and of the jobs of its name: these are known longer than itself. */
interface Known {
  /** Its ticks after this time are owed. Those in a pause never are. */
  owedAfter: number
  /** The jobs that the last firing must still bring. */
  expected: Expected
  /** The jobs that the last firing must end, or ask to stop, and since when they were unfinished. */
  replaced: ReadonlyMap<JobId, number>
  /** Its jobs that are unfinished, and since when, by what has elapsed. */
  readonly unfinished: Map<JobId, number>
  lastFinished: number
}

const nothing: Expected = { least: 0, most: 0 }

export const schedules: CheckerMaker = {
  name: "one job for each tick",
  make: (facts, violated) => {
    const all = new Map<string, Known>()
    const knownOf = (name: string): Known => {
      const known = all.get(name) ?? {
        owedAfter: Infinity,
        expected: nothing,
        replaced: new Map(),
        unfinished: new Map(),
        lastFinished: -Infinity
      }
      all.set(name, known)
      return known
    }

    /** How long ago at most whoever fires now has looked what there is to fire. */
    const longestThought = 2 * facts.options.storeDelay + 10

    const settle = (name: string) => {
      const known = knownOf(name)
      if (known.expected.least > 0) violated(`${known.expected.least} jobs of ${name} are missing`)
      known.expected = nothing
      for (const [id, since] of known.replaced) {
        if (known.unfinished.get(id) === since && !isToStop(id))
          violated(`${id} goes on, which ${name} has replaced`)
      }
      known.replaced = new Map()
    }

    const isToStop = (id: JobId) => facts.state.histories.get(id)?.job.attempt?.cancelAt != null

    /** The jobs that give way to new ones, as far as whoever fires has seen them for certain. */
    const replacedBy = ({ overlap }: ScheduleRules, { unfinished }: Known): ReadonlyMap<JobId, number> => {
      const before = facts.elapsed() - longestThought
      return new Map(overlap === "replace" ? [...unfinished].filter(([, since]) => since < before) : [])
    }

    const checkOverdue = ({ name, rules }: ScheduleRecord) => {
      const late = facts.delays.lateness(firstAfter(rules, knownOf(name).owedAfter))
      if (late > facts.delays.tick) violated(`a tick of ${name} is ${late} ms late`)
    }

    const settleAll = () => {
      for (const name of all.keys()) settle(name)
    }

    const isInTheWay = ({ lastFinished, unfinished }: Known): InTheWay => {
      const before = facts.elapsed() - longestThought
      if ([...unfinished.values()].some((since) => since < before)) return "yes"
      return unfinished.size === 0 && lastFinished < before ? "no" : "perhaps"
    }

    /** Somebody says what the schedule is to be. */
    const put = (was: ScheduleRecord | null, is: ScheduleRecord) => {
      const known = knownOf(is.name)
      if (was !== null && millis(was.lastTick) !== millis(is.lastTick))
        violated(`${is.name} forgot its last tick when it was put anew`)
      if (is.rules.paused) known.owedAfter = Infinity
      else if (was === null || was.rules.paused || was.rules.cron !== is.rules.cron) {
        known.owedAfter = Math.max(facts.now(), millis(is.lastTick))
      }
    }

    const expectOfHand = ({ rules }: ScheduleRecord, known: Known): Expected =>
      rules.overlap === "skip" && isInTheWay(known) === "yes" ? nothing : { least: 1, most: 1 }

    const fire = (was: ScheduleRecord, is: ScheduleRecord) => {
      const { name, rules } = was
      const known = knownOf(name)
      const ticks = { after: known.owedAfter, until: millis(is.lastTick) }
      if (ticks.until === millis(was.lastTick)) {
        known.expected = expectOfHand(was, known)
        known.replaced = replacedBy(rules, known)
        return
      }
      if (ticks.until > facts.troubles.latest)
        violated(`${name} fired ${ticks.until - facts.troubles.latest} ms early`)
      if (ticks.until < millis(was.lastTick)) violated(`${name} went back to an earlier tick`)
      if (countTicks(rules, ticks.after, ticks.until) === 0) violated(`${name} fired without a tick`)
      checkOverdue(was)
      const now = facts.now()
      const lookedAt = facts.troubles.wasClockSetWithin(longestThought)
        ? { earliest: -Infinity, latest: Infinity }
        : { earliest: now - longestThought, latest: now }
      known.expected = expectedOf(rules, ticks, lookedAt, isInTheWay(known))
      if (known.expected.least > 0) known.replaced = replacedBy(rules, known)
      known.owedAfter = ticks.until
    }

    return {
      scheduleChanged: (name, before, after) => {
        settle(name)
        if (before !== null && after !== null && before.firedAt !== after.firedAt) {
          return fire(before.schedule, after.schedule)
        }
        if (before !== null) checkOverdue(before.schedule)
        if (after === null) knownOf(name).owedAfter = Infinity
        else put(before?.schedule ?? null, after.schedule)
      },
      changed: ({ after, before, id }) => {
        const name = (after ?? before)?.job.schedule ?? null
        if (name === null) return
        const known = knownOf(name)
        if (after !== null && !isFinished(after.job.status)) {
          if (!known.unfinished.has(id)) known.unfinished.set(id, facts.elapsed())
        } else if (known.unfinished.delete(id)) known.lastFinished = facts.elapsed()
        if (before !== null) return
        const { least, most } = known.expected
        if (most <= 0) violated(`${id} was created by ${name} for no tick`)
        known.expected = { least: least - 1, most: most - 1 }
      },
      saw: ({ _tag }) => {
        if (_tag !== "Glance" && _tag !== "End") return
        settleAll()
        for (const { schedule } of facts.state.schedules.values()) checkOverdue(schedule)
      }
    }
  }
}
