/** Keys while something is typed or asked. */
import { bodyLines } from "../state/layout.ts"
import { isStale, paneIn, placeOf, type Prompt, type State, withPane } from "../state/State.ts"
import { helpLines } from "./help.ts"
import { type Binding } from "./bindings.ts"
import { bindingOf, completionsOf } from "./KeyMap.ts"
import { only, ordering, type Step, tell, whileAway } from "./Step.ts"

/** What is typed is not longer than this. */
const longestText = 200

// A key that types a character is called by it.
const typed = (text: string, key: string): string | null => {
  if (key === "backspace") return text.slice(0, -1)
  if (key === "ctrl+u") return ""
  if (key === "space") return `${text} `.slice(0, longestText)
  return [...key].length === 1 ? (text + key).slice(0, longestText) : null
}

const close = (state: State): State => ({ ...state, prompt: null })

const withFilter = (state: State, filter: string): State =>
  withPane(state, { ...paneIn(placeOf(state)), filter, marks: new Set(), rangeFrom: null })

const pressInFilter = (state: State, prompt: Extract<Prompt, { kind: "filter" }>, key: string): Step => {
  if (key === "enter") return only(close(withFilter(state, prompt.text.trim())))
  if (key === "escape") return only(close(withFilter(state, prompt.before)))
  const text = typed(prompt.text, key)
  return only(text === null ? state : withFilter({ ...state, prompt: { ...prompt, text } }, text))
}

const pressInPalette = (
  state: State,
  prompt: Extract<Prompt, { kind: "palette" }>,
  key: string,
  perform: (state: State, binding: Binding) => Step
): Step => {
  const offered = completionsOf(prompt.text, placeOf(state).kind, state.access)
  const chosen = offered[prompt.choice]
  const choose = (choice: number) =>
    only({ ...state, prompt: { ...prompt, choice: Math.max(0, Math.min(choice, offered.length - 1)) } })
  switch (key) {
    case "escape":
      return only(close(state))
    case "down":
      return choose(prompt.choice + 1)
    case "up":
      return choose(prompt.choice - 1)
    case "tab":
      return only(
        chosen === undefined ? state : { ...state, prompt: { ...prompt, text: chosen.name, choice: 0 } }
      )
    case "enter":
      return chosen === undefined ? only(state) : perform(close(state), chosen)
  }
  const text = typed(prompt.text, key)
  return only(text === null ? state : { ...state, prompt: { kind: "palette", text, choice: 0 } })
}

// A question is not answered by what a hurried hand types: only y means yes.
const pressInConfirm = (
  state: State,
  { change }: Extract<Prompt, { kind: "confirm" }>,
  key: string
): Step => {
  if (key === "y" && isStale(state)) return only(tell(close(state), whileAway, "warn"))
  if (key === "y") {
    const pane = { ...paneIn(placeOf(state)), marks: new Set<string>(), rangeFrom: null }
    return ordering(withPane(close(state), pane), { kind: "change", change })
  }
  return key === "n" || key === "escape" ? only(close(state)) : only(state)
}

const pressInHelp = (state: State, prompt: Extract<Prompt, { kind: "help" }>, key: string): Step => {
  const page = bodyLines(state)
  const most = Math.max(0, helpLines(state).length - page)
  const moved = (lines: number) =>
    only({ ...state, prompt: { ...prompt, offset: Math.max(0, Math.min(most, prompt.offset + lines)) } })
  switch (bindingOf(key, placeOf(state).kind, state.access)?.name) {
    case "down":
      return moved(1)
    case "up":
      return moved(-1)
    case "page-down":
      return moved(page)
    case "page-up":
      return moved(-page)
    case "first":
      return moved(-most)
    case "last":
      return moved(most)
    default:
      return only(key === "escape" || key === "?" || key === "q" || key === "enter" ? close(state) : state)
  }
}

/** A key while there is a prompt. `perform` does what is chosen by name. */
export const pressInPrompt = (
  state: State,
  prompt: Prompt,
  key: string,
  perform: (state: State, binding: Binding) => Step
): Step => {
  switch (prompt.kind) {
    case "filter":
      return pressInFilter(state, prompt, key)
    case "palette":
      return pressInPalette(state, prompt, key, perform)
    case "confirm":
      return pressInConfirm(state, prompt, key)
    case "help":
      return pressInHelp(state, prompt, key)
  }
}
