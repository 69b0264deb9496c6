/** The body of the screen: what the place shows. */
import { placeOf, type State } from "../state/State.ts"
import { JobPlace } from "./JobPlace.tsx"
import { JobsPlace } from "./JobsPlace.tsx"
import { OverviewPlace } from "./OverviewPlace.tsx"
import { PaneTable } from "./PaneTable.tsx"
import { WorkerPlace } from "./WorkerPlace.tsx"

const ProjectsAndSchedules = ({ state }: { readonly state: State }) => (
  <>
    <PaneTable state={state} index={0} />
    <PaneTable state={state} index={1} />
  </>
)

export const Body = ({ state }: { readonly state: State }) => {
  switch (placeOf(state).kind) {
    case "overview":
      return <OverviewPlace state={state} />
    case "jobs":
      return <JobsPlace state={state} />
    case "projects":
      return <ProjectsAndSchedules state={state} />
    case "job":
      return <JobPlace state={state} />
    case "worker":
      return <WorkerPlace state={state} />
    case "types":
    case "workers":
    case "events":
      return <PaneTable state={state} index={0} />
  }
}
