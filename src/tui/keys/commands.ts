/** What each command of the key map does. */
import { moveBy, linesShown, goToView, open, back, otherPane } from "./moving.ts"
import { freeze, nextStatus, reverse, sortBeside } from "./looking.ts"
import { chosenSubjects, curlHere, idHere, mark, range } from "./choosing.ts"
import { type ChangeCommand, planChange } from "./changes.ts"
import type { CommandName } from "./KeyMap.ts"
import { paneIn, placeOf, type State } from "../state/State.ts"
import { only, ordering, type Step, tell } from "./Step.ts"

type Command = (state: State) => Step

/** Longer than any list. */
const farAway = 1_000_000_000

const nobodyToChange: Readonly<Record<ChangeCommand, string>> = {
  retry: "Only failed or cancelled jobs can be retried.",
  cancel: "Only jobs that are not finished can be cancelled.",
  raise: "Only the priority of jobs that are not finished can be changed.",
  lower: "Only the priority of jobs that are not finished can be changed.",
  pause: "A banned worker cannot be paused.",
  ban: "There is nobody to ban."
}

const ask =
  (command: ChangeCommand): Command =>
  (state) => {
    const chosen = chosenSubjects(state)
    if (chosen.length === 0) return only(tell(state, "Nothing is chosen.", "warn"))
    const change = planChange(command, chosen)
    return only(
      change === null
        ? tell(state, nobodyToChange[command], "warn")
        : { ...state, prompt: { kind: "confirm", change } }
    )
  }

const copy =
  (what: (state: State) => string | null): Command =>
  (state) => {
    const text = what(state)
    return text === null
      ? only(tell(state, "There is nothing to copy.", "warn"))
      : ordering(tell(state, `Copied: ${text}`, "good"), { kind: "copy", text })
  }

const plain =
  (change: (state: State) => State): Command =>
  (state) =>
    only(change(state))

const filter = (state: State): State => {
  const before = paneIn(placeOf(state)).filter
  return { ...state, prompt: { kind: "filter", text: before, before } }
}

export const carryOut: Readonly<Record<CommandName, Command>> = {
  overview: plain((state) => goToView(state, "overview")),
  types: plain((state) => goToView(state, "types")),
  jobs: plain((state) => goToView(state, "jobs")),
  workers: plain((state) => goToView(state, "workers")),
  projects: plain((state) => goToView(state, "projects")),
  events: plain((state) => goToView(state, "events")),
  open: plain(open),
  back: plain(back),
  down: plain((state) => moveBy(state, 1)),
  up: plain((state) => moveBy(state, -1)),
  "page-down": plain((state) => moveBy(state, linesShown(state))),
  "page-up": plain((state) => moveBy(state, -linesShown(state))),
  first: plain((state) => moveBy(state, -farAway)),
  last: plain((state) => moveBy(state, farAway)),
  "other-pane": plain(otherPane),
  filter: plain(filter),
  "previous-status": plain((state) => nextStatus(state, -1)),
  "next-status": plain((state) => nextStatus(state, 1)),
  "sort-left": plain((state) => sortBeside(state, -1)),
  "sort-right": plain((state) => sortBeside(state, 1)),
  reverse: plain(reverse),
  freeze: plain(freeze),
  mark: plain(mark),
  range: plain(range),
  "copy-id": copy(idHere),
  "copy-curl": copy(curlHere),
  retry: ask("retry"),
  cancel: ask("cancel"),
  raise: ask("raise"),
  lower: ask("lower"),
  pause: ask("pause"),
  ban: ask("ban"),
  palette: plain((state) => ({ ...state, prompt: { kind: "palette", text: "", choice: 0 } })),
  help: plain((state) => ({ ...state, prompt: { kind: "help", offset: 0 } })),
  quit: (state) => ordering(state, { kind: "quit" })
}
