/** `JobRepo.claim`: decides by which of the two ways a claim is made, and makes it. */
import { Clock, type DateTime, Effect } from "effect"
import { anyJob } from "../../../domain/matching/Acceptance.ts"
import type { Claim, Claimed, ClaimSource } from "../../../domain/jobs/Claim.ts"
import { shareOut } from "../../../domain/matching/Ranking.ts"
import type { ClaimStarts } from "../ClaimStarts.ts"
import type { Database, DatabaseError } from "../Database.ts"
import { type Slot, slotsFor } from "./beginAttempts.ts"
import { claimByChoosing } from "./claimByChoosing.ts"
import { claimByStanding } from "./claimByStanding.ts"

const nothing: Claimed = { jobs: [], contended: false, reached: [], drained: [], later: [], heads: [] }

/** Whether limits, turns or patience have a say in which jobs of the source are given. */
const isRuled = ({ better, group, limits }: ClaimSource) =>
  limits !== null || group.fairnessKey !== null || better !== null

/** As `claimByStanding`, where it may begin late, and from the beginning if that was not enough. */
const claimSince = Effect.fnUntraced(function* (
  database: Database,
  { seekers, sources }: Claim,
  slots: ReadonlyArray<Slot>,
  since: ReadonlyArray<DateTime.Utc | null>
) {
  const accepted = seekers[0]?.accepted ?? anyJob
  const claimed = yield* claimByStanding(database, accepted, sources, slots, since)
  const isEnough = claimed.contended || claimed.jobs.length === slots.length
  if (claimed.undecided || isEnough || since.every((time) => time === null)) return claimed
  const others = slots.slice(claimed.jobs.length)
  const rest = yield* claimByStanding(
    database,
    accepted,
    sources,
    others,
    sources.map(() => null)
  ).pipe(
    // What was given is given, and whoever asked must hear of it.
    Effect.catch((error) =>
      claimed.jobs.length === 0
        ? Effect.fail(error)
        : Effect.succeed({ jobs: [], contended: true, heads: [], undecided: false })
    )
  )
  const jobs = [...claimed.jobs, ...rest.jobs]
  // What was not given though it is there is given by the next claim.
  return rest.undecided && jobs.length > 0
    ? { jobs, contended: true, heads: claimed.heads, undecided: false }
    : { ...rest, jobs }
})

export const claim = Effect.fnUntraced(function* (
  database: Database,
  starts: ClaimStarts,
  wish: Claim
): Effect.fn.Return<Claimed, DatabaseError> {
  const { attempts, seekers, sources } = wish
  if (attempts.length === 0 || sources.length === 0 || seekers.length === 0) return nothing
  // What is not accepted stays where it is, so that the jobs given are not the first ones.
  const isOfFirst = seekers.every(({ accepted }) => accepted === anyJob)
  const now = yield* Clock.currentTimeMillis
  const since = sources.map(({ group }) => (isOfFirst ? starts.of(group.id, now) : null))
  const groups = sources.map(({ group }) => group)

  const assignees = sources.some(isRuled) ? null : shareOut(groups, seekers, attempts.length)
  if (assignees !== null) {
    const slots = slotsFor(wish, assignees)
    const claimed = yield* claimSince(database, wish, slots, since)
    if (!claimed.undecided) {
      const { contended, heads, jobs } = claimed
      if (isOfFirst) starts.gave(jobs, now)
      const isDrained = isOfFirst && !contended && jobs.length < slots.length
      return { ...nothing, jobs, contended, heads, drained: isDrained ? groups.map(({ id }) => id) : [] }
    }
  }

  const sinceOf = new Map(
    sources.flatMap((source, index) => {
      const time = since[index] ?? null
      return time === null ? [] : [[source, time] as const]
    })
  )
  const claimed = yield* claimByChoosing(database, { ...wish, since: sinceOf })
  if (isOfFirst) starts.gave(claimed.jobs, now)
  return claimed
})
