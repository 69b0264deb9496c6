/** What becomes of the ticks of a schedule that have come: a pure decision. */
import { DateTime, Duration } from "effect"
import type { ScheduleRules } from "./Schedule.ts"
import { ticksOf } from "./Ticks.ts"

/** At most this many ticks of a schedule are handled in one step. Others follow in the next one, at once. */
export const ticksAtOnce = 20

/** A tick counts as missed when nobody has fired it for longer than this, which is enough for a restart of the server. */
const punctuality = Duration.minutes(1)

/** Ticks one after another that get no job, from the first to the last. */
export interface PassedOver {
  readonly from: DateTime.Utc
  readonly until: DateTime.Utc
  /** Whether an unfinished job was in the way, or nobody was there in time. */
  readonly reason: "overlap" | "missed"
}

export interface FiringDecision {
  /** The ticks that get a job, and whether they were missed. */
  readonly fired: ReadonlyArray<{ readonly tick: DateTime.Utc; readonly late: boolean }>
  readonly passedOver: ReadonlyArray<PassedOver>
  /** The last tick that is seen to by this. */
  readonly lastTick: DateTime.Utc
  readonly nextTick: DateTime.Utc
}

const justBefore = (time: DateTime.Utc) => DateTime.subtractDuration(time, Duration.millis(1))

const passOver = (
  ticks: ReadonlyArray<DateTime.Utc>,
  reason: PassedOver["reason"]
): ReadonlyArray<PassedOver> => {
  const from = ticks[0]
  const until = ticks.at(-1)
  return from === undefined || until === undefined ? [] : [{ from, until, reason }]
}

/** Of ticks that have come, those that are not to be caught up; and the first that is to be seen to, which may be to come. */
const leaveOut = (rules: ScheduleRules, tick: DateTime.Utc, punctual: DateTime.Utc) => {
  if (rules.catchUp === "all" || DateTime.isGreaterThanOrEqualTo(tick, punctual))
    return { first: tick, missed: [] }
  const { last, next } = ticksOf(rules)
  // Not before the tick that is owed, even if the rules of the time zone have changed since.
  const lastMissed = DateTime.max(tick, last(justBefore(punctual)))
  if (rules.catchUp === "none")
    return { first: next(lastMissed), missed: passOver([tick, lastMissed], "missed") }
  return {
    first: lastMissed,
    missed: DateTime.isLessThan(tick, lastMissed)
      ? passOver([tick, DateTime.max(tick, last(justBefore(lastMissed)))], "missed")
      : []
  }
}

/** Which of the ticks that came together get a job. */
const chooseBy = (
  overlap: ScheduleRules["overlap"],
  ticks: ReadonlyArray<DateTime.Utc>,
  hasUnfinished: boolean
) => {
  switch (overlap) {
    case "allow":
      return { chosen: ticks, others: [] }
    case "skip": {
      const chosen = hasUnfinished ? [] : ticks.slice(0, 1)
      return { chosen, others: ticks.slice(chosen.length) }
    }
    // Each would replace the one before.
    case "replace":
      return { chosen: ticks.slice(-1), others: ticks.slice(0, -1) }
  }
}

/** What becomes of `tick`, which has come, and of those after it until now. */
export const decide = (
  rules: ScheduleRules,
  tick: DateTime.Utc,
  now: DateTime.Utc,
  hasUnfinished: boolean
): FiringDecision => {
  const { next } = ticksOf(rules)
  const punctual = DateTime.subtractDuration(now, punctuality)
  const { first, missed } = leaveOut(rules, tick, punctual)
  const come: Array<DateTime.Utc> = []
  let coming = first
  while (DateTime.isLessThanOrEqualTo(coming, now) && come.length < ticksAtOnce) {
    come.push(coming)
    coming = next(coming)
  }
  const { chosen, others } = chooseBy(rules.overlap, come, hasUnfinished)
  return {
    fired: chosen.map((time) => ({ tick: time, late: DateTime.isLessThan(time, punctual) })),
    passedOver: [...missed, ...passOver(others, "overlap")],
    lastTick: come.at(-1) ?? missed.at(-1)?.until ?? tick,
    nextTick: coming
  }
}
