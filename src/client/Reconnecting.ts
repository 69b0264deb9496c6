/** The server may be away for a while: its callers wait for it, and do not all come back at the same moment. */
import { Duration, Schedule } from "effect"

/** Tries again for ever: soon at first, then every 5 s. */
export const untilItIsBack = Schedule.jittered(
  Schedule.min([Schedule.exponential(Duration.millis(100)), Schedule.spaced(Duration.seconds(5))])
)
