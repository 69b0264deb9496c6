/** Priority with ageing: a level of priority counts as time that the job has waited, so that no job starves. */
import { DateTime, Duration } from "effect"

/** How much waiting one level of priority is worth. */
export const headStart = Duration.minutes(10)

const headStartMillis = Duration.toMillis(headStart)

/** The head start of a priority over priority 0, in milliseconds; negative for negative priorities. */
export const headStartOf = (priority: number): number => priority * headStartMillis

/** A job's standing, in milliseconds: the lowest comes first. It does not change with time, so that it can be indexed. */
export const standingOf = (runAt: DateTime.Utc, priority: number): number =>
  DateTime.toEpochMillis(runAt) - headStartOf(priority)

/** How many whole head starts a job has waited. Between jobs of one priority and one level, the score decides. */
export const levelOf = (waited: number): number => Math.floor(waited / headStartMillis)
