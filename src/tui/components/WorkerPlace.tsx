/** A worker: what is known of it, above its attempts. */
import { workerHeadLines } from "../state/layout.ts"
import type { State } from "../state/State.ts"
import { Lines } from "./LineOfText.tsx"
import { PaneTable } from "./PaneTable.tsx"

export const WorkerPlace = ({ state }: { readonly state: State }) => {
  const lines = workerHeadLines(state)
  return (
    <>
      <Lines
        lines={lines.map((line) => [{ text: " " }, ...line])}
        columns={state.size.columns}
        height={lines.length}
      />
      <PaneTable state={state} index={0} />
    </>
  )
}
