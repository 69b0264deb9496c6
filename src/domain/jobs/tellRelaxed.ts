/** Tells of jobs that have been pending for so long that constraints of them have become wishes. */
import { Effect } from "effect"
import type { EventHub } from "../events/EventHub.ts"
import type { Waited } from "./Waited.ts"

export const tellRelaxed = (
  hub: Pick<EventHub["Service"], "publish">,
  waited: ReadonlyArray<Waited>
): Effect.Effect<void> =>
  waited.length === 0
    ? Effect.void
    : hub.publish(
        "relaxed",
        waited.map(({ job }) => job),
        waited.map(({ after }) => ({ by: null, error: null, relaxedAfter: after }))
      )
