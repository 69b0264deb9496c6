/** Which candidates a claim has to read: a query for each source and each kind of acceptance that somebody who asks has. */
import type { AcceptedJobs } from "./Acceptance.ts"
import type { JobGroup } from "./Matching.ts"
import { matchOf, type Seeker } from "./Ranking.ts"

/** Asks for the first jobs of a source that are accepted. */
export interface CandidateQuery<S> {
  readonly source: S
  readonly accepted: AcceptedJobs
}

/** Leaves out the queries whose jobs nobody who asks may do. */
export const candidateQueriesOf = <S extends { readonly group: JobGroup }>(
  sources: ReadonlyArray<S>,
  seekers: ReadonlyArray<Pick<Seeker, "accepted" | "suitability">>
): ReadonlyArray<CandidateQuery<S>> =>
  [...Map.groupBy(seekers, ({ accepted }) => accepted)].flatMap(([accepted, alike]) => {
    // Workers of one kind share one suitability.
    const suitabilities = [...new Set(alike.map(({ suitability }) => suitability))]
    return sources
      .filter(({ group }) => suitabilities.some((suitability) => matchOf(suitability, group) !== null))
      .map((source) => ({ source, accepted }))
  })
