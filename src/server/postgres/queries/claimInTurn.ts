import { type DateTime, Effect } from "effect"
import { choose, type Queue } from "../../../domain/Choosing.ts"
import type { Claim, Claimed, ClaimSource } from "../../../domain/JobRepo.ts"
import { type LimitedType, makeRoom, type Room } from "../../../domain/Limits.ts"
import { atTime, type Database, type DatabaseError } from "../Database.ts"
import { durations, integers, uuids } from "../parameters.ts"
import { beginAttempts, begunRows, slotParameters, toGiven } from "./beginAttempts.ts"
import { looksAt } from "./claimByStanding.ts"
import { firstJobs, type FoundJob } from "./firstJobs.ts"
import { lockTypes } from "./lockTypes.ts"
import { rememberBegun } from "./rememberBegun.ts"
import { usage, type UsageQuestion } from "./usage.ts"

const statement = `
  with candidate as materialized (
    select *
    from unnest($6::uuid[], $7::int[], $8::float8[], $9::float8[], $10::float8[])
      with ordinality as candidate (id, version, lease, max_run, pickup, place)
  ), ${beginAttempts}`

interface SourceQueue extends Queue<FoundJob> {
  readonly source: ClaimSource
}

/** A claim, and from when on to look for the jobs of sources; of the others from the beginning. */
interface ClaimSince extends Claim {
  readonly since: ReadonlyMap<ClaimSource, DateTime.Utc>
}

/** The first jobs of some of the sources, at most `limit` of each. */
const queuesOf = Effect.fnUntraced(function* (
  database: Database,
  { accepts, since }: ClaimSince,
  sources: ReadonlyArray<ClaimSource>,
  limit: number
): Effect.fn.Return<ReadonlyArray<SourceQueue>, DatabaseError> {
  const looks = sources.map((source) => ({
    group: source.group.id,
    since: since.get(source) ?? null,
    limit
  }))
  const found = yield* firstJobs(database, looks, accepts)
  return sources.map((source, index) => {
    const jobs = found[index] ?? []
    return { ...source, source, jobs, isWhole: jobs.length < limit }
  })
})

/**
 * The jobs to be given, and as many more as are looked at lest other servers take the first. Of each source only a few jobs
 * are read at first. A source that has more and ran out of them is read further, until none runs out any more: then the
 * choice is what it would be if all had been read. Each time four times as much is read, and no source has to give more
 * than are wanted in all, so that there are few rounds.
 */
const chooseJobs = Effect.fnUntraced(function* (database: Database, claim: ClaimSince, room: () => Room) {
  const { slots, sources } = claim
  const wanted = looksAt(slots.length)
  const since = new Map(claim.since)
  const queues = new Map<ClaimSource, SourceQueue>()
  let missing = sources
  let limit = Math.ceil((2 * wanted) / sources.length)
  while (true) {
    const found = yield* queuesOf(database, { ...claim, since }, missing, Math.min(limit, wanted))
    for (const queue of found) queues.set(queue.source, queue)
    const { dry, jobs } = choose<FoundJob, SourceQueue>([...queues.values()], room(), wanted)
    if (dry.length > 0) {
      missing = dry.map(({ source }) => source)
      limit *= 4
      continue
    }
    if (jobs.length >= slots.length || since.size === 0) return jobs
    // Older jobs are there only by exception, but before less is given than is wanted they are looked for.
    missing = [...since.keys()]
    since.clear()
  }
})

/** Gives jobs by turns, within what the limits of the types have room for at this time, in milliseconds. */
const give = Effect.fnUntraced(function* (
  database: Database,
  claim: ClaimSince,
  types: ReadonlyMap<string, LimitedType>,
  time: number
): Effect.fn.Return<Claimed, DatabaseError> {
  const { slots, sources } = claim
  const room = () => makeRoom(types, slots[0]?.worker ?? "", time)
  const chosen = yield* chooseJobs(database, claim, room)
  const clocks = chosen.map(({ queue }) => queue.source)
  const rows =
    chosen.length === 0
      ? []
      : yield* database.queryAtTime(begunRows, statement, [
          ...slotParameters(slots),
          uuids(chosen.map(({ job }) => job.id)),
          integers(chosen.map(({ job }) => job.version)),
          durations(clocks.map(({ lease }) => lease)),
          durations(clocks.map(({ maxRun }) => maxRun)),
          durations(clocks.map(({ pickup }) => pickup))
        ])
  const { contended, jobs } = toGiven(rows, slots, sources)

  const left = room()
  const counts = new Map<string, number>()
  for (const { job } of jobs) {
    left.take(job.group)
    counts.set(job.group.type, (counts.get(job.group.type) ?? 0) + 1)
  }
  const beginnings = [...types].flatMap(
    ([
      type,
      {
        limits: { rateLimit }
      }
    ]) => {
      const count = counts.get(type)
      return rateLimit === null || count === undefined ? [] : [{ type, rateLimit, count }]
    }
  )
  yield* rememberBegun(database, beginnings, time)
  return { jobs, contended, reached: left.reached(sources.map(({ group }) => group)) }
})

/** What must be known of the limits of the sources. */
const questionsOf = (sources: ReadonlyArray<ClaimSource>): ReadonlyArray<UsageQuestion> => {
  const questions = new Map<string, UsageQuestion>()
  for (const { group, limits } of sources) {
    if (limits === null) continue
    const { fairnessKey, type } = group
    const keys = questions.get(type)?.keys ?? []
    questions.set(type, { type, limits, keys: new Set([...keys, fairnessKey]) })
  }
  return [...questions.values()]
}

/**
 * Gives the jobs of sources that have limits or fairness keys. What is in use of a limit is read, and room taken, while no
 * other claim can take any. The end of an attempt waits for nobody: it only makes room.
 */
export const claimInTurn = Effect.fnUntraced(function* (
  database: Database,
  claim: ClaimSince
): Effect.fn.Return<Claimed, DatabaseError> {
  const questions = questionsOf(claim.sources)
  if (questions.length === 0) return yield* give(database, claim, new Map(), 0)
  return yield* database.transaction(
    Effect.gen(function* () {
      const time = yield* lockTypes(
        database,
        questions.map(({ type }) => type)
      )
      const timed = atTime(database, time)
      const types = yield* usage(timed, questions, claim.slots[0]?.worker ?? "")
      return yield* give(timed, claim, types, time)
    })
  )
})
