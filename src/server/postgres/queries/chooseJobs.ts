/** Chooses which jobs go to whom, of which no more are read than make a difference. */
import { type DateTime, Effect } from "effect"
import type { Queue } from "../../../domain/matching/Candidates.ts"
import { choose, type Chosen } from "../../../domain/matching/Choosing.ts"
import type { Claim, ClaimSource } from "../../../domain/jobs/Claim.ts"
import type { Room } from "../../../domain/matching/Limits.ts"
import { type CandidateQuery, candidateQueriesOf } from "../../../domain/matching/CandidateQueries.ts"
import type { Database, DatabaseError } from "../Database.ts"
import { firstJobs, type FoundJob } from "./firstJobs.ts"

/**
 * Other servers may take what was chosen. Each of them claims for all who ask it at once, so that a few more than as many
 * again are enough.
 */
const looksAt = (attempts: number) => 2 * attempts + 6

export interface SourceQueue extends Queue<FoundJob> {
  readonly source: ClaimSource
}
/** A claim, and from when on to look for the jobs of sources; of the others from the beginning. */
export interface ClaimSince extends Claim {
  readonly since: ReadonlyMap<ClaimSource, DateTime.Utc>
}

/** The first jobs of each query, at most `limit` of each, where more than `most` make no difference. */
const queuesOf = Effect.fnUntraced(function* (
  database: Database,
  since: ReadonlyMap<ClaimSource, DateTime.Utc>,
  queries: ReadonlyArray<CandidateQuery<ClaimSource>>,
  { limit, most }: { readonly limit: number; readonly most: number }
) {
  const queues: Array<SourceQueue> = []
  let now: number | null = null
  for (const [accepted, ofSame] of Map.groupBy(queries, (query) => query.accepted)) {
    const looks = ofSame.map(({ source }) => ({
      group: source.group.id,
      since: since.get(source) ?? null,
      limit
    }))
    const first = yield* firstJobs(database, looks, accepted)
    now ??= first.now
    ofSame.forEach(({ source }, index) => {
      const jobs = first.found[index] ?? []
      queues.push({
        ...source,
        source,
        accepted,
        jobs,
        isWhole: jobs.length >= most || (jobs.length < limit && !since.has(source))
      })
    })
  }
  return { queues, now }
})

/**
 * The jobs to be given, and as many more as are looked at lest other servers take the first. Of each source only a few jobs
 * are read at first. A source that has more and ran out of them is read further, until none runs out any more: then the
 * choice is what it would be if all had been read. Each time four times as much is read, and no source has to give more
 * than are wanted in all, so that there are few rounds.
 */
export const chooseJobs = Effect.fnUntraced(function* (
  database: Database,
  claim: ClaimSince,
  room: () => Room
): Effect.fn.Return<Chosen<SourceQueue, FoundJob> & { readonly now: number }, DatabaseError> {
  const { attempts, seekers, sources } = claim
  const wanted = looksAt(attempts.length)
  const since = new Map(claim.since)
  const queues = new Map<string, SourceQueue>()
  const accepts = [...new Set(seekers.map(({ accepted }) => accepted))]
  const keyOf = ({ accepted, source }: CandidateQuery<ClaimSource>) =>
    `${accepts.indexOf(accepted)} ${source.group.id}`
  let missing: ReadonlyArray<CandidateQuery<ClaimSource>> = candidateQueriesOf(sources, seekers)
  let limit = Math.ceil((2 * wanted) / sources.length)
  let now = 0
  while (true) {
    const found = yield* queuesOf(database, since, missing, { limit: Math.min(limit, wanted), most: wanted })
    for (const queue of found.queues) queues.set(keyOf(queue), queue)
    now = found.now ?? now
    const chosen = choose<FoundJob, SourceQueue>({
      queues: [...queues.values()],
      seekers,
      room: room(),
      now,
      count: attempts.length,
      spares: wanted - attempts.length
    })
    // What runs out of what was read from a later beginning may have older jobs, which are there only by exception.
    if (chosen.dry.length === 0) return { ...chosen, now }
    missing = chosen.dry
    for (const { source } of chosen.dry) since.delete(source)
    limit *= 4
  }
})
