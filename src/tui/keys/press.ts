/** What a key does: the state after it, and what has to be done outside. Pure; the key map says which key does what. */
import { isStale, placeOf, type State } from "../state/State.ts"
import { settle, withOwnPage } from "../state/reduce.ts"
import { type Binding } from "./bindings.ts"
import { bindingOf } from "./KeyMap.ts"
import { carryOut } from "./commands.ts"
import { pressInPrompt } from "./prompts.ts"
import { only, type Step, tell, whileAway } from "./Step.ts"

/** Does what a binding stands for, if it may be done now. */
export const perform = (state: State, binding: Binding): Step =>
  binding.changes !== undefined && isStale(state)
    ? only(tell(state, whileAway, "warn"))
    : carryOut[binding.name](state)

const pressAtPlace = (state: State, key: string): Step => {
  const binding = bindingOf(key, placeOf(state).kind, state.access)
  return binding === null ? only(state) : perform({ ...state, notice: null }, binding)
}

/** A key, by its name in the key map or as the character that it types. */
export const press = (state: State, key: string): Step => {
  if (key === "ctrl+c") return carryOut.quit(state)
  if (key === "ctrl+z") return carryOut.suspend(state)
  const step =
    state.prompt === null ? pressAtPlace(state, key) : pressInPrompt(state, state.prompt, key, perform)
  return { ...step, state: settle(withOwnPage(step.state)) }
}
