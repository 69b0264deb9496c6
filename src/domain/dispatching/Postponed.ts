/** Groups whose jobs may be given to those who wait here only after some time, such as when a constraint is relaxed. */
import { Duration } from "effect"
import type { Deadlines } from "../Deadlines.ts"
import type { JobGroup } from "../matching/Matching.ts"

export interface Postponed {
  /** Jobs of a group may be given when `left` is over. Of several such times the first counts. */
  readonly note: (group: JobGroup, left: Duration.Duration, now: number) => void
}

/** Begins without any. `onDue` is called when the time of a group is over. `now` is in milliseconds since the epoch. */
export const make = (
  deadlines: Deadlines["Service"],
  onDue: (group: JobGroup, now: number) => void
): Postponed => {
  const noted = new Map<number, { readonly at: number; readonly forget: () => void }>()
  return {
    note: (group, left, now) => {
      const at = now + Duration.toMillis(left)
      const known = noted.get(group.id)
      if (known !== undefined && known.at <= at) return
      known?.forget()
      const forget = deadlines.set(left, () => {
        noted.delete(group.id)
        onDue(group, at)
      })
      noted.set(group.id, { at, forget })
    }
  }
}
