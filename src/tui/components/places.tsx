/** The body of each place. */
import { Text } from "ink"
import type { JobStatus } from "../../domain/Job.ts"
import { conditionsOf } from "../tables/filter.ts"
import { statusTabs } from "../keys/looking.ts"
import { formatCount } from "../look/format.ts"
import { cut, fit, printable } from "../look/text.ts"
import { detailLines, type Line } from "../state/details.ts"
import { overviewLines, paneLines, showsBothLists } from "../state/layout.ts"
import { keyOfWish, type Pane, placeOf, shownData, type State, wishOf } from "../state/State.ts"
import { rowsOf, tableOf } from "../tables/rows.ts"
import { LineOfText, Lines } from "./LineOfText.tsx"
import { Tinted, useLook } from "./LookContext.tsx"
import { TableView } from "./TableView.tsx"

const nothingIn = (state: State, pane: Pane, ofTable: string): string => {
  const { pageKey, pageProblem, stats } = shownData(state)
  const wish = wishOf(state)
  if (wish.kind !== "nothing" && pageKey !== keyOfWish(wish)) return "Reading"
  if (wish.kind !== "nothing" && pageProblem !== null) return `This could not be read: ${pageProblem}`
  if (pane.name === "types" && stats === null) return "Reading"
  return pane.filter === "" ? ofTable : "Nothing fits the filter."
}

const PaneTable = ({ index, state }: { readonly state: State; readonly index: number }) => {
  const place = placeOf(state)
  const pane = place.panes[index]
  const table = pane === undefined ? null : tableOf(pane)
  if (pane === undefined || table === null) return null
  return (
    <TableView
      table={table}
      rows={rowsOf(state, pane)}
      pane={pane}
      columns={state.size.columns}
      height={paneLines(state)[index] ?? 1}
      isFocused={place.focus === index}
      nothing={nothingIn(state, pane, table.nothing)}
    />
  )
}

const Overview = ({ state }: { readonly state: State }) => {
  const lines = overviewLines(state)
  return (
    <>
      <Lines
        lines={lines.map((line) => [{ text: " " }, ...line])}
        columns={state.size.columns}
        height={lines.length}
      />
      {showsBothLists(state) ? (
        <>
          <PaneTable state={state} index={0} />
          <Text> </Text>
          <PaneTable state={state} index={1} />
        </>
      ) : (
        <PaneTable state={state} index={placeOf(state).focus} />
      )}
    </>
  )
}

// The counts by status of all jobs, or of the type that the filter names; other filters count nothing.
const countsOf = (state: State) => {
  const { stats } = shownData(state)
  const { type, ...others } = conditionsOf(placeOf(state).panes[0]?.filter ?? "")
  if (stats === null || Object.keys(others).length > 0) return null
  return type === undefined
    ? stats.total.counts
    : (stats.types.find((each) => each.type === type)?.counts ?? null)
}

const StatusTabs = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const { status: shown } = placeOf(state)
  const counts = countsOf(state)
  const countOf = (status: JobStatus | null): string => {
    if (counts === null) return ""
    const count =
      status === null ? Object.values(counts).reduce((sum, each) => sum + each, 0) : counts[status]
    return ` ${formatCount(count)}`
  }
  const tabs = statusTabs.map((status) => ({
    isShown: status === shown,
    long: `${status ?? "all"}${countOf(status)}`,
    short: `${status === null ? "all" : look.glyphs.status[status]}${countOf(status)}`
  }))
  const room = state.size.columns - 2
  const isLong = tabs.reduce((sum, { long }) => sum + long.length + 3, 0) <= room
  const isShort =
    tabs.reduce((sum, { isShown, long, short }) => sum + (isShown ? long : short).length + 3, 0) <= room
  const line: Line = tabs.flatMap(({ isShown, long, short }) => {
    if (!isShown && !isLong && !isShort) return []
    const text = isLong || isShown ? long : short
    return [
      {
        text: isShown ? ` [${text}]` : `  ${text} `,
        tone: isShown ? ("strong" as const) : ("quiet" as const)
      }
    ]
  })
  return <LineOfText line={line} columns={state.size.columns} />
}

const Jobs = ({ state }: { readonly state: State }) => (
  <>
    <StatusTabs state={state} />
    <PaneTable state={state} index={0} />
  </>
)

const ProjectsAndSchedules = ({ state }: { readonly state: State }) => (
  <>
    <PaneTable state={state} index={0} />
    <PaneTable state={state} index={1} />
  </>
)

const logTitle = (isFocused: boolean, offset: number): string => {
  const where = offset === 0 ? "following" : `${formatCount(offset)} lines above the end`
  return `Log, ${where}${isFocused ? "" : " (Tab)"}`
}

const JobPlace = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const { columns } = state.size
  const { page, pageProblem } = shownData(state)
  const place = placeOf(state)
  const [details, log] = place.panes
  const [detailsHeight = 1, logHeight = 1] = paneLines(state)
  if (details === undefined || log === undefined) return null
  if (page?.kind !== "job" || page.job === null) {
    const text = pageProblem === null ? "Reading the job" : `This job could not be read: ${pageProblem}`
    return (
      <Lines
        lines={[[{ text: ` ${text}`, tone: "quiet" }]]}
        columns={columns}
        height={detailsHeight + logHeight + 1}
      />
    )
  }
  const facts = detailLines(page, state.now, columns - 1, look)
  const from = Math.min(details.offset, Math.max(0, facts.length - detailsHeight))
  const lines = page.log.at(-1) === "" ? page.log.slice(0, -1) : page.log
  const back = Math.min(log.offset, Math.max(0, lines.length - logHeight))
  const end = lines.length - back
  const shownLog = lines.slice(Math.max(0, end - logHeight), end)
  const hidden = facts.length - detailsHeight
  const more = hidden > 0 ? `  ${formatCount(hidden)} lines more above` : ""
  const title = fit(` ${logTitle(place.focus === 1, back)}${more} `, columns, look).trimEnd() + " "
  return (
    <>
      <Lines
        lines={facts.slice(from).map((line) => [{ text: " " }, ...line])}
        columns={columns}
        height={detailsHeight}
      />
      <Text wrap="truncate-end">
        <Tinted tone={place.focus === 1 ? "strong" : "quiet"}>{title}</Tinted>
        <Tinted tone="quiet">{look.glyphs.rule.repeat(Math.max(0, columns - title.length - 1))}</Tinted>
      </Text>
      <Lines
        lines={
          shownLog.length === 0
            ? [[{ text: " Nothing has been logged.", tone: "quiet" }]]
            : shownLog.map((text) => [{ text: ` ${cut(printable(text, look), columns - 2, look)}` }])
        }
        columns={columns}
        height={logHeight}
      />
    </>
  )
}

/** What the place shows. */
export const Body = ({ state }: { readonly state: State }) => {
  switch (placeOf(state).kind) {
    case "overview":
      return <Overview state={state} />
    case "jobs":
      return <Jobs state={state} />
    case "projects":
      return <ProjectsAndSchedules state={state} />
    case "job":
      return <JobPlace state={state} />
    case "types":
    case "workers":
    case "events":
      return <PaneTable state={state} index={0} />
  }
}
