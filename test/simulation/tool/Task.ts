/** What `npm run simulate` may be asked for. */
import type { Options } from "../Options.ts"

export interface OneRun {
  readonly _tag: "OneRun"
  readonly options: Options
  /** Whether all of it is drawn from its seed, so that the seed says everything, and nothing is left out yet. */
  readonly isDrawn: boolean
  /** Whether all of its trace is shown. */
  readonly isTraced: boolean
}

export interface ManyRuns {
  readonly _tag: "ManyRuns"
  /** The first seed. */
  readonly from: number
  /** The most runs, and the most minutes: what comes first ends it. */
  readonly runs: number
  readonly minutes: number
  /** How many threads play them. */
  readonly workers: number
}

/** The hashes that are written down are those of today. */
export interface Hashes {
  readonly _tag: "Hashes"
}

export type Task = OneRun | ManyRuns | Hashes
