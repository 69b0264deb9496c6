/** The figures of all, the alerts, and the busiest types. */
import { Text } from "ink"
import { overviewLines, showsBothLists } from "../state/layout.ts"
import { placeOf, type State } from "../state/State.ts"
import { Lines } from "./LineOfText.tsx"
import { PaneTable } from "./PaneTable.tsx"

export const OverviewPlace = ({ state }: { readonly state: State }) => {
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
