/** Jobs, under tabs for each status. */
import type { JobStatus } from "../../domain/jobs/Job.ts"
import { statusTabs } from "../keys/looking.ts"
import { formatCount } from "../look/format.ts"
import type { Line } from "../state/lines.ts"
import { placeOf, shownData, type State } from "../state/State.ts"
import { conditionsOf } from "../tables/filter.ts"
import { LineOfText } from "./LineOfText.tsx"
import { useLook } from "./LookContext.tsx"
import { PaneTable } from "./PaneTable.tsx"

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

export const JobsPlace = ({ state }: { readonly state: State }) => (
  <>
    <StatusTabs state={state} />
    <PaneTable state={state} index={0} />
  </>
)
