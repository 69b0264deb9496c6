/** The help, made from the key map as it is at a place. */
import type { Line } from "../state/lines.ts"
import { placeOf, type State } from "../state/State.ts"
import { groups } from "./bindings.ts"
import { bindingsAt, spellKey } from "./KeyMap.ts"

const keyColumns = 14

/** The keys that do something here, by what they are for. */
export const helpLines = (state: State): ReadonlyArray<Line> => {
  const bindings = bindingsAt(placeOf(state).kind, state.access)
  return groups.flatMap((group) => {
    const ofGroup = bindings.filter((binding) => binding.group === group)
    if (ofGroup.length === 0) return []
    const lines = ofGroup.map(({ keys, title }) => [
      {
        text: `  ${keys.map((key) => spellKey(key, state.look.isUnicode)).join(" ")}`.padEnd(keyColumns),
        tone: "key" as const
      },
      { text: title }
    ])
    return [[{ text: group, tone: "strong" as const }], ...lines]
  })
}
