/** What is true of a run, for those who check it. */
import type { MemoryState } from "../../../src/server/memory/MemoryState.ts"
import type { Loop } from "../Loop.ts"
import type { Options } from "../Options.ts"
import { Delays } from "./Delays.ts"
import { Rules } from "./Rules.ts"
import { watchedState, type Watcher } from "./StoreWatch.ts"
import { Troubles } from "./Troubles.ts"

export class Facts {
  readonly options: Options
  /** The time by the clock of all machines, in milliseconds since the epoch. */
  readonly now: () => number
  /** The milliseconds that have gone by, whatever the clock was set to. */
  readonly elapsed: () => number
  /** What the store holds. */
  readonly state: MemoryState
  readonly troubles: Troubles
  readonly delays: Delays
  readonly rules: Rules

  constructor(options: Options, time: Pick<Loop, "now" | "elapsed">, watcher: Watcher) {
    this.options = options
    this.now = time.now
    this.elapsed = time.elapsed
    this.troubles = new Troubles(options, time)
    this.delays = new Delays(options, this.troubles, time.now)
    this.rules = new Rules(this.delays, this.troubles, time.elapsed)
    this.state = watchedState(
      {
        ...watcher,
        workerChanged: (before, after) => {
          if (after !== null) this.rules.workerChanged(after)
          watcher.workerChanged(before, after)
        }
      },
      () => this.rules.policyChanged(this.state.policies)
    )
  }
}
