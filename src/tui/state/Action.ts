/** What the dashboard is told from outside: by the clock, the terminal, and the server. */
import type { Attempt } from "../../domain/attempts/Attempt.ts"
import type { Explanation } from "../../domain/explaining/Explanation.ts"
import type { Job } from "../../domain/jobs/Job.ts"
import type { StatsSnapshot } from "../../domain/stats/StatsSnapshot.ts"
import type { BulkVerb } from "../keys/changes.ts"
import type { Tone } from "../look/Look.ts"
import type { Conditions } from "../tables/filter.ts"
import type { Page } from "./Data.ts"
import type { ToldEvent } from "./ToldEvent.ts"

/** Something new about the job that is looked at. */
export type JobNews =
  | { readonly kind: "job"; readonly job: Job }
  | { readonly kind: "log"; readonly text: string }
  | { readonly kind: "percent"; readonly percent: number }
  | { readonly kind: "message"; readonly message: string }
  | {
      readonly kind: "attempts"
      readonly attempts: ReadonlyArray<Attempt>
      readonly explanation: Explanation | null
    }

export type Action =
  | { readonly kind: "ticked"; readonly now: number }
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  /** The server answers. */
  | { readonly kind: "opened"; readonly now: number }
  /** The server no longer answers. */
  | { readonly kind: "lost"; readonly problem: string; readonly nextTryAt: number }
  | { readonly kind: "stats"; readonly stats: StatsSnapshot; readonly now: number }
  | { readonly kind: "events"; readonly events: ReadonlyArray<ToldEvent>; readonly now: number }
  /** Events are missing. */
  | { readonly kind: "reset"; readonly now: number }
  | { readonly kind: "page"; readonly key: string; readonly page: Page; readonly now: number }
  | { readonly kind: "pageFailed"; readonly key: string; readonly problem: string }
  | {
      readonly kind: "jobNews"
      readonly key: string
      readonly news: ReadonlyArray<JobNews>
      readonly now: number
    }
  /** How many jobs fit a filter, asked for before deciding about them. */
  | {
      readonly kind: "counted"
      readonly verb: BulkVerb
      readonly filter: Conditions
      readonly matched: number
    }
  | { readonly kind: "notice"; readonly text: string; readonly tone: Tone }
