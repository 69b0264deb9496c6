/** What stands in the body instead of the place: the help, and what the palette offers. */
import { Text } from "ink"
import { helpLines } from "../keys/help.ts"
import { completionsOf, spellKey } from "../keys/KeyMap.ts"
import { fit } from "../look/text.ts"
import { bodyLines } from "../state/layout.ts"
import { placeOf, type Prompt, type State } from "../state/State.ts"
import { Lines } from "./LineOfText.tsx"
import { Tinted, useLook } from "./LookContext.tsx"

export const Help = ({ offset, state }: { readonly state: State; readonly offset: number }) => (
  <Lines lines={helpLines(state).slice(offset)} columns={state.size.columns} height={bodyLines(state)} />
)

export const Palette = ({
  prompt,
  state
}: {
  readonly state: State
  readonly prompt: Extract<Prompt, { readonly kind: "palette" }>
}) => {
  const look = useLook()
  const height = bodyLines(state)
  const offered = completionsOf(prompt.text, placeOf(state).kind, state.access)
  const first = Math.max(0, Math.min(prompt.choice - height + 1, offered.length - height))
  const shown = offered.slice(first, first + height)
  const columns = state.size.columns
  const lineOf = (place: number) => {
    const binding = shown[place]
    if (binding === undefined) return " "
    const key = spellKey(binding.keys[0] ?? "", look.isUnicode)
    const sign = first + place === prompt.choice ? look.glyphs.selected : " "
    return fit(`${sign} ${binding.name.padEnd(16)} ${key.padEnd(6)} ${binding.title}`, columns, look)
  }
  return Array.from({ length: height }, (_, place) => (
    <Text key={place} wrap="truncate-end">
      <Tinted inverse={first + place === prompt.choice && shown[place] !== undefined}>
        {offered.length === 0 && place === 0 ? "  Nothing is called so." : lineOf(place)}
      </Tinted>
    </Text>
  ))
}
