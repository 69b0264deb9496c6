/** From a command to the question whether it is meant. */
import { placeOf, type State, wishOf } from "../state/State.ts"
import { isForServer } from "../tables/filter.ts"
import type { BulkVerb, ChangeCommand } from "./changes.ts"
import { planChange } from "./changes.ts"
import { chosenSubjects, placeSubject } from "./choosing.ts"
import { only, ordering, type Step, tell } from "./Step.ts"
import { nobodyToChange } from "./wordings.ts"

/** What a worker's place is about, and not the jobs that it shows. */
const ofWorkers: ReadonlyArray<ChangeCommand> = ["pause", "ban"]

/** Asks whether the chosen are meant. */
export const askAboutChosen =
  (command: ChangeCommand) =>
  (state: State): Step => {
    const isAboutPlace = placeOf(state).kind === "worker" && ofWorkers.includes(command)
    const chosen = isAboutPlace ? placeSubject(state) : chosenSubjects(state)
    if (chosen.length === 0) return only(tell(state, "Nothing is chosen.", "warn"))
    const change = planChange(command, chosen)
    return only(
      change === null
        ? tell(state, nobodyToChange[command], "warn")
        : { ...state, prompt: { kind: "confirm", change } }
    )
  }

/** Has all jobs counted that fit the filter, to ask whether they are meant. */
export const askAboutFitting =
  (verb: BulkVerb) =>
  (state: State): Step => {
    const wish = wishOf(state)
    if (wish.kind !== "jobs") return only(state)
    const { panes, status } = placeOf(state)
    const { filter = "" } = panes[0] ?? {}
    // What the tab says and what the filter says of the status might contradict each other.
    return isForServer(status === null ? filter : `${filter} status=${status}`)
      ? ordering(tell(state, "Counting what fits", "quiet"), { kind: "count", verb, filter: wish.conditions })
      : only(
          tell(
            state,
            "This filter is this program's alone: filter by type, worker, tag, project or schedule, or mark jobs.",
            "warn"
          )
        )
  }
