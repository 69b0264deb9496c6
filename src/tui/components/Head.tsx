/** The lines above the body: the server and how fresh what is shown is, the views, and the way to here. */
import { Box, Text } from "ink"
import { version } from "../../domain/version.ts"
import { formatCount } from "../look/format.ts"
import { formatAge, formatUntil } from "../../text/spans.ts"
import type { Tone } from "../look/Look.ts"
import { cut, printable } from "../look/text.ts"
import { columnsOf } from "../../text/columns.ts"
import { bindingsAt } from "../keys/KeyMap.ts"
import { titles, type ViewName } from "../state/Place.ts"
import { isStale, paneIn, placeOf, type State } from "../state/State.ts"
import { Tinted, useLook } from "./LookContext.tsx"

const freshnessOf = (
  state: State
): { readonly text: string; readonly tone: Tone; readonly isFresh: boolean } => {
  const { connection, frozen, now } = state
  if (frozen !== null) {
    const updates = frozen.behind === 1 ? "1 update" : `${formatCount(frozen.behind)} updates`
    return { text: `frozen, ${updates} behind`, tone: "warn", isFresh: false }
  }
  if (!isStale(state)) return { text: "live", tone: "good", isFresh: true }
  if (connection.lastHeardAt === null && connection.problem === null)
    return { text: "connecting", tone: "quiet", isFresh: false }
  const stale =
    connection.lastHeardAt === null ? "never heard" : `stale for ${formatAge(connection.lastHeardAt, now)}`
  const why = connection.problem === null ? "" : `: ${connection.problem}`
  const next = connection.nextTryAt === null ? "" : `, trying ${formatUntil(connection.nextTryAt, now)}`
  return { text: stale + why + next, tone: "bad", isFresh: false }
}

const TitleLine = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const { isFresh, text, tone } = freshnessOf(state)
  const sign = isFresh ? look.glyphs.on : look.glyphs.alert
  const columns = state.size.columns
  const right = cut(`${sign} ${text}`, columns - 12, look)
  const readOnly = state.access.isReadOnly ? " read-only" : ""
  const left = cut(`lazyboss ${version}${readOnly}  ${state.url}`, columns - columnsOf(right) - 2, look)
  return (
    <Box justifyContent="space-between" width={columns}>
      <Tinted tone="strong">{left}</Tinted>
      <Tinted tone={tone}>{right}</Tinted>
    </Box>
  )
}

const ViewTabs = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const views = bindingsAt("overview", state.access).flatMap(({ group, keys, name }) =>
    group === "Views" && name in titles ? [{ key: keys[0] ?? "", name }] : []
  )
  const titled = views.map(({ key, name }) => ({
    key,
    isShown: name === state.view,
    title: titleOf(name)
  }))
  const whole = titled.reduce((sum, { title }) => sum + columnsOf(title) + 5, 0)
  const hasRoom = whole <= state.size.columns
  return (
    <Text wrap="truncate-end">
      {titled.map(({ isShown, key, title }) => {
        const text = hasRoom || isShown ? ` ${key} ${cut(title, state.size.columns, look)} ` : ` ${key} `
        return isShown ? (
          <Text key={key}>
            <Tinted tone="strong" inverse>
              {look.hasColors ? text : `[${text.trim()}]`}
            </Tinted>{" "}
          </Text>
        ) : (
          <Tinted key={key} tone="quiet">{`${text} `}</Tinted>
        )
      })}
    </Text>
  )
}

const isViewName = (name: string): name is ViewName => name in titles
const titleOf = (name: string): string => (isViewName(name) ? titles[name] : name)

// The filter of what is being typed is shown where it is typed.
const WayHere = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const { filter } = paneIn(placeOf(state))
  const way = [state.roots[state.view], ...state.trail].map(({ title }) => printable(title, look))
  const text = way.join(` ${look.glyphs.into} `)
  const shownFilter = filter === "" || state.prompt?.kind === "filter" ? "" : `  /${printable(filter, look)}`
  const columns = state.size.columns - 1
  // Of a long way the end is what tells where one is.
  const shownWay = cut(text, Math.max(12, columns - columnsOf(shownFilter)), look, "end")
  return (
    <Text wrap="truncate-end">
      <Tinted tone="strong">{shownWay}</Tinted>
      <Tinted tone="warn">{cut(shownFilter, columns - columnsOf(shownWay), look)}</Tinted>
    </Text>
  )
}

export const Head = ({ state }: { readonly state: State }) => (
  <>
    <TitleLine state={state} />
    <ViewTabs state={state} />
    <WayHere state={state} />
  </>
)
