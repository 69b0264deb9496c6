import { Clock, Effect } from "effect"
import type { Claim, Claimed } from "../../../domain/JobRepo.ts"
import type { ClaimStarts } from "../ClaimStarts.ts"
import type { Database, DatabaseError } from "../Database.ts"
import { claimByStanding } from "./claimByStanding.ts"
import { claimInTurn } from "./claimInTurn.ts"

export const claim = Effect.fnUntraced(function* (
  database: Database,
  starts: ClaimStarts,
  wish: Claim
): Effect.fn.Return<Claimed, DatabaseError> {
  const { accepts, slots, sources } = wish
  if (slots.length === 0 || sources.length === 0) return { jobs: [], contended: false, reached: [] }
  // What is not accepted stays where it is, so that the jobs given are not the first ones.
  const isOfFirst = accepts.length === 0
  const now = yield* Clock.currentTimeMillis
  const since = sources.map(({ group }) => (isOfFirst ? starts.of(group.id, now) : null))

  if (sources.some(({ group, limits }) => limits !== null || group.fairnessKey !== null)) {
    const sinceOf = new Map(
      sources.flatMap((source, index) => {
        const time = since[index] ?? null
        return time === null ? [] : [[source, time] as const]
      })
    )
    const claimed = yield* claimInTurn(database, { ...wish, since: sinceOf })
    if (isOfFirst) starts.gave(claimed.jobs, now)
    return claimed
  }

  const claimed = yield* claimByStanding(database, wish, since)
  if (isOfFirst) starts.gave(claimed.jobs, now)
  if (since.every((time) => time === null) || claimed.jobs.length === slots.length || claimed.contended) {
    return claimed
  }

  const rest = yield* claimByStanding(
    database,
    { ...wish, slots: slots.slice(claimed.jobs.length) },
    sources.map(() => null)
  ).pipe(
    // What was given is given, and whoever asked must hear of it.
    Effect.catch((error) =>
      claimed.jobs.length === 0
        ? Effect.fail(error)
        : Effect.succeed<Claimed>({ jobs: [], contended: true, reached: [] })
    )
  )
  starts.gave(rest.jobs, now)
  return { jobs: [...claimed.jobs, ...rest.jobs], contended: rest.contended, reached: [] }
})
