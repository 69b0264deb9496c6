/** What each command of the key map does. */
import { moveBy, linesShown, goToView, open, back, otherPane } from "./moving.ts"
import { freeze, nextStatus, reverse, sortBeside } from "./looking.ts"
import { curlHere, idHere, mark, range } from "./choosing.ts"
import { askAboutChosen, askAboutFitting } from "./deciding.ts"
import type { CommandName } from "./bindings.ts"
import { paneIn, placeOf, type State } from "../state/State.ts"
import { only, ordering, type Step, tell } from "./Step.ts"

type Command = (state: State) => Step

/** Longer than any list. */
const farAway = 1_000_000_000

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
  retry: askAboutChosen("retry"),
  cancel: askAboutChosen("cancel"),
  "retry-all": askAboutFitting("retry"),
  "cancel-all": askAboutFitting("cancel"),
  raise: askAboutChosen("raise"),
  lower: askAboutChosen("lower"),
  pause: askAboutChosen("pause"),
  ban: askAboutChosen("ban"),
  close: askAboutChosen("close"),
  run: askAboutChosen("run"),
  palette: plain((state) => ({ ...state, prompt: { kind: "palette", text: "", choice: 0 } })),
  help: plain((state) => ({ ...state, prompt: { kind: "help", offset: 0 } })),
  suspend: (state) => ordering(state, { kind: "suspend" }),
  quit: (state) => ordering(state, { kind: "quit" })
}
