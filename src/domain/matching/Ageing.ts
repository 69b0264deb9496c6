/** Which of two jobs comes first: the one that has waited longer, where a higher priority counts as waiting. */
import { DateTime, Duration } from "effect"

/** What one level of priority is worth: so much waiting. No job waits for ever behind others of a higher priority. */
export const headStart = Duration.minutes(10)

const headStartMillis = Duration.toMillis(headStart)

/** The head start of a priority before priority 0, in milliseconds. Below zero for lower ones. */
export const headStartOf = (priority: number): number => priority * headStartMillis

/** A job's standing, in milliseconds: the lower one comes first. It never changes, so that nobody needs to count anew. */
export const standingOf = (runAt: DateTime.Utc, priority: number): number =>
  DateTime.toEpochMillis(runAt) - headStartOf(priority)

/** How many head starts a job has waited, in whole numbers: between jobs of a priority that have waited alike, suiting decides. */
export const levelOf = (waited: number): number => Math.floor(waited / headStartMillis)
