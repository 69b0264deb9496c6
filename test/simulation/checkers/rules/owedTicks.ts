/** How many jobs the ticks of a schedule must bring, as the documents say it and not as the domain works it out. */
import type { ScheduleRules } from "../../../../src/domain/schedules/Schedule.ts"

/** A tick that is later than this was missed: the rule of catching up says what becomes of it. */
const punctuality = 60_000

/** How many jobs there must be at least, and may be at most. */
export interface Expected {
  readonly least: number
  readonly most: number
}

/** Whether an earlier job of the schedule was in the way: certain in both directions, or not known. */
export type InTheWay = "yes" | "no" | "perhaps"

/** The milliseconds between two ticks of the crons that occur in a run. */
const periodOf = (cron: string): number => 1_000 * Number(/^\*\/(\d+) /.exec(cron)?.[1] ?? 60)

/** The first tick after a time. */
export const firstAfter = ({ cron }: ScheduleRules, time: number): number =>
  (Math.floor(time / periodOf(cron)) + 1) * periodOf(cron)

/** How many ticks there are after a time, up to another. */
export const countTicks = ({ cron }: ScheduleRules, after: number, until: number): number =>
  Math.max(0, Math.floor(until / periodOf(cron)) - Math.floor(after / periodOf(cron)))

/** How many of the ticks get a job by the rule of catching up, for whoever looks at this time. */
const countCaughtUp = (rules: ScheduleRules, after: number, until: number, now: number): number => {
  const all = countTicks(rules, after, until)
  const missed = countTicks(rules, after, Math.min(until, now - punctuality - 1))
  switch (rules.catchUp) {
    case "all":
      return all
    case "none":
      return all - missed
    case "last":
      return all - missed + Math.min(1, missed)
  }
}

/** What the ticks after a time up to another must bring, for whoever looked at one of these times. */
export const expectedOf = (
  rules: ScheduleRules,
  ticks: { readonly after: number; readonly until: number },
  lookedAt: { readonly earliest: number; readonly latest: number },
  inTheWay: InTheWay
): Expected => {
  // The later somebody looks the more was missed.
  const least = countCaughtUp(rules, ticks.after, ticks.until, lookedAt.latest)
  const most = countCaughtUp(rules, ticks.after, ticks.until, lookedAt.earliest)
  if (rules.overlap === "allow") return { least, most }
  const one = { least: Math.min(1, least), most: Math.min(1, most) }
  if (rules.overlap === "replace" || inTheWay === "no") return one
  return inTheWay === "yes" ? { least: 0, most: 0 } : { least: 0, most: one.most }
}
