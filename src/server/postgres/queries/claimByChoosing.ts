/** One of the two ways to claim: jobs are read, it is decided who gets which, and a second statement gives them. */
import { Duration, Effect } from "effect"
import type { Choice } from "../../../domain/matching/Candidates.ts"
import type { Claimed, ClaimSource } from "../../../domain/jobs/Claim.ts"
import { type LimitedType, makeRoom } from "../../../domain/matching/Limits.ts"
import type { Seeker } from "../../../domain/matching/Ranking.ts"
import { atTime, type Database, type DatabaseError } from "../Database.ts"
import { durations, integers, uuids } from "../parameters.ts"
import {
  beginAttempts,
  begunRows,
  meritParameters,
  type Slot,
  slotParameters,
  slotsFor,
  toGiven
} from "./beginAttempts.ts"
import { chooseJobs, type ClaimSince, type SourceQueue } from "./chooseJobs.ts"
import type { FoundJob } from "./firstJobs.ts"
import { lockTypes } from "./lockTypes.ts"
import { rememberAnew, rememberBegun } from "./rememberBegun.ts"
import { usage, type UsageQuestion } from "./usage.ts"

const turnAmongSeekers = "row_number() over (partition by first_slot order by place)"

const statement = `
  with candidate as materialized (
    select *
    from unnest(
      $8::uuid[], $9::int[], $10::float8[], $11::float8[], $12::float8[], $13::int[], $14::int[], $15::float8[],
      $16::text[]
    )
      with ordinality as candidate (
        id, version, lease, max_run, pickup, first_slot, slots, score, runners_up, place
      )
  ), ${beginAttempts({
    candidates: "select * from candidate",
    known: ["first_slot", "slots", "score", "runners_up"],
    slot: `case when ${turnAmongSeekers} <= slots then first_slot - 1 + ${turnAmongSeekers} end`,
    score: "score",
    runnersUp: "runners_up",
    undecided: "false",
    heads: null,
    types: "select type from given"
  })}`

type FoundChoice = Choice<SourceQueue, FoundJob>

/** The choices, in the order in which they are tried, each with the slots that it may take: those of its seeker. */
const candidatesOf = (
  choices: ReadonlyArray<FoundChoice>,
  slots: ReadonlyArray<Slot>,
  seekers: ReadonlyArray<Seeker>
) => {
  const slotsOf = new Map<number, { first: number; count: number }>()
  slots.forEach(({ seeker }, index) => {
    const known = slotsOf.get(seeker)
    if (known === undefined) slotsOf.set(seeker, { first: index + 1, count: 1 })
    else known.count += 1
  })
  return choices.map((choice) => ({
    ...choice,
    slots: slotsOf.get(seekers.indexOf(choice.seeker)) ?? { first: 1, count: 0 }
  }))
}

/** Gives jobs by choice, within what the limits of the types have room for at this time, in milliseconds, if there are any. */
const give = Effect.fnUntraced(function* (
  database: Database,
  claim: ClaimSince,
  types: ReadonlyMap<string, LimitedType>,
  time: number
): Effect.fn.Return<Claimed, DatabaseError> {
  const { seekers, sources } = claim
  const room = () => makeRoom(types, time)
  const { choices, drained, heads, later, now, spares } = yield* chooseJobs(database, claim, room)
  const inOrder = slotsFor(claim, choices)
  // Those of one seeker together, so that any of its choices can take any of them.
  const slots = [...Map.groupBy(inOrder, ({ seeker }) => seeker).values()].flat()
  const candidates = candidatesOf([...choices, ...spares], slots, seekers)
  const clocks = candidates.map(({ queue }) => queue.source)
  const rows =
    candidates.length === 0
      ? []
      : yield* database.queryAtTime(begunRows, statement, [
          ...slotParameters(slots),
          uuids(candidates.map(({ job }) => job.id)),
          integers(candidates.map(({ job }) => job.version)),
          durations(clocks.map(({ lease }) => lease)),
          durations(clocks.map(({ maxRun }) => maxRun)),
          durations(clocks.map(({ pickup }) => pickup)),
          integers(candidates.map(({ slots: { first } }) => first)),
          integers(candidates.map(({ slots: { count } }) => count)),
          ...meritParameters(candidates)
        ])
  const { contended, jobs } = toGiven(rows, inOrder, sources)

  const left = room()
  const counts = new Map<string, number>()
  for (const { attempt, job } of jobs) {
    left.take(job.group, attempt.worker)
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
  return {
    jobs,
    contended,
    reached: left.reached(
      sources.map(({ group }) => group),
      new Set(seekers.map(({ worker }) => worker))
    ),
    drained: contended ? [] : drained,
    heads,
    later: contended ? [] : later.map(({ at, group }) => ({ group, left: Duration.millis(at - now) }))
  }
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
 * Gives jobs where it matters which of them goes to whom, or where limits or turns have a say. What is in use of a limit is
 * read, and room taken, while no other claim can take any. The end of an attempt waits for nobody: it only makes room.
 */
export const claimByChoosing = Effect.fnUntraced(function* (
  database: Database,
  claim: ClaimSince
): Effect.fn.Return<Claimed, DatabaseError> {
  const questions = questionsOf(claim.sources)
  if (questions.length === 0) {
    return yield* give(database, claim, new Map(), 0)
  }
  return yield* database.transaction(
    Effect.gen(function* () {
      const time = yield* lockTypes(
        database,
        questions.map(({ type }) => type)
      )
      const timed = atTime(database, time)
      const workers = new Set(claim.seekers.map(({ worker }) => worker))
      const types = yield* usage(timed, questions, workers)
      yield* rememberAnew(timed, types, time)
      return yield* give(timed, claim, types, time)
    })
  )
})
