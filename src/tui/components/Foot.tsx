/** The lines under the body: what is asked, typed or told, and the keys. */
import { Text } from "ink"
import { questionOf } from "../keys/wordings.ts"
import { bindingsAt, spellKey } from "../keys/KeyMap.ts"
import { cut, printable, wrap } from "../look/text.ts"
import { columnsOf } from "../../text/columns.ts"
import { placeOf, type Prompt, type State } from "../state/State.ts"
import type { Line } from "../state/lines.ts"
import { LineOfText } from "./LineOfText.tsx"
import { Tinted, useLook } from "./LookContext.tsx"

const Question = ({
  columns,
  prompt
}: {
  readonly prompt: Extract<Prompt, { readonly kind: "confirm" }>
  readonly columns: number
}) => (
  <>
    {wrap(questionOf(prompt.change), columns - 2).map((line) => (
      <Tinted key={line} tone="warn">{` ${line}`}</Tinted>
    ))}
    <Text>
      <Tinted tone="key"> y</Tinted> yes <Tinted tone="key">n</Tinted> no
    </Text>
  </>
)

const Typed = ({
  columns,
  hint,
  sign,
  text
}: {
  readonly sign: string
  readonly text: string
  readonly hint: string
  readonly columns: number
}) => {
  const look = useLook()
  const shown = cut(`${sign}${printable(text, look)}`, columns - 2, look, "end")
  const room = columns - columnsOf(shown) - 4
  return (
    <Text wrap="truncate-end">
      <Tinted tone="strong">{shown}</Tinted>
      <Tinted tone="key">{look.glyphs.caret}</Tinted>
      <Tinted tone="quiet">{columnsOf(hint) <= room ? `  ${hint}` : ""}</Tinted>
    </Text>
  )
}

const PromptLine = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const { notice, prompt, size } = state
  switch (prompt?.kind) {
    case "confirm":
      return <Question prompt={prompt} columns={size.columns} />
    case "filter":
      return (
        <Typed
          sign="/"
          text={prompt.text}
          hint="words, key=value, ! inverts; Enter keeps, Esc drops"
          columns={size.columns}
        />
      )
    case "palette":
      return (
        <Typed
          sign=":"
          text={prompt.text}
          hint="Tab completes, Enter does it, Esc leaves"
          columns={size.columns}
        />
      )
    default:
      return notice === null ? (
        <Text> </Text>
      ) : (
        <Tinted tone={notice.tone}>{` ${cut(printable(notice.text, look), size.columns - 2, look)}`}</Tinted>
      )
  }
}

/** The order in which keys are named, as far as there is room: how to get out and to decide come before how to look. */
const urgency = ["Program", "Deciding", "Moving", "Looking", "Choosing", "Views"]

const keysLine = (state: State): Line => {
  const named = bindingsAt(placeOf(state).kind, state.access)
    .flatMap(({ group, keys, short }) =>
      short === undefined ? [] : [{ group, short, key: spellKey(keys[0] ?? "", state.look.isUnicode) }]
    )
    .filter(({ short }) => short !== "back" || state.trail.length > 0)
  const byUrgency = named.toSorted((one, other) => urgency.indexOf(one.group) - urgency.indexOf(other.group))
  let left = state.size.columns - 1
  const shown = new Set<string>()
  for (const { key, short } of byUrgency) {
    const columns = columnsOf(key) + columnsOf(short) + 3
    if (columns > left) continue
    left -= columns
    shown.add(short)
  }
  return named
    .filter(({ short }) => shown.has(short))
    .flatMap(({ key, short }) => [
      { text: ` ${key}`, tone: "key" as const },
      { text: ` ${short} `, tone: "quiet" as const }
    ])
}

export const Foot = ({ state }: { readonly state: State }) => (
  <>
    <PromptLine state={state} />
    <LineOfText line={keysLine(state)} columns={state.size.columns} />
  </>
)
