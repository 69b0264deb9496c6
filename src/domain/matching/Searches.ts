/** Which jobs are to be looked for in a claim: of each group, for those who may have any of it, what they accept. */
import type { AcceptedJobs } from "./Acceptance.ts"
import type { JobGroup } from "./Matching.ts"
import { matchOf, type Seeker } from "./Ranking.ts"

/** The jobs of a source that are accepted. */
export interface Search<S> {
  readonly source: S
  readonly accepted: AcceptedJobs
}

export const searchesOf = <S extends { readonly group: JobGroup }>(
  sources: ReadonlyArray<S>,
  seekers: ReadonlyArray<Pick<Seeker, "accepted" | "suitability">>
): ReadonlyArray<Search<S>> =>
  [...Map.groupBy(seekers, ({ accepted }) => accepted)].flatMap(([accepted, alike]) => {
    // Those of one kind share it.
    const suitabilities = [...new Set(alike.map(({ suitability }) => suitability))]
    return sources
      .filter(({ group }) => suitabilities.some((suitability) => matchOf(suitability, group) !== null))
      .map((source) => ({ source, accepted }))
  })
