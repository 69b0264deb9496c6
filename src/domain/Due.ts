/** What the store answers to background work. */
import type { Duration } from "effect"

/** What a duty did, and how long until there is more to do: null when nothing is due that the store knows of. */
export interface Due<A> {
  readonly done: ReadonlyArray<A>
  readonly next: Duration.Duration | null
}
