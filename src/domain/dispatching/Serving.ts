/** One step of the dispatcher: a claim for those who wait, from the groups that may be given to them now. */
import { Array as Arr, Clock, Duration, Effect, Exit, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Backlog } from "./Backlog.ts"
import { logUndelivered, type Undelivered } from "../events/DecisionLog.ts"
import { EventHub } from "../events/EventHub.ts"
import type { ReachedLimits } from "./ReachedLimits.ts"
import { AttemptId } from "../Identifiers.ts"
import type { Claimed, ClaimedJob, ClaimSource } from "../jobs/Claim.ts"
import { JobRepo } from "../jobs/JobRepo.ts"
import { type Asker, makeClaimFeedback } from "./ClaimFeedback.ts"
import { limitsOf } from "../matching/Limits.ts"
import { LiveWorkers } from "../workers/LiveWorkers.ts"
import type { JobGroup } from "../matching/Matching.ts"
import { Outcomes } from "../attempts/Outcomes.ts"
import type { Postponed } from "./Postponed.ts"
import type { Seeker } from "../matching/Ranking.ts"
import * as Rankings from "../matching/Rankings.ts"
import { mayHave } from "../workers/Restrictions.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import * as Turns from "./Turns.ts"
import type { Kind, Vacancies, Waiting } from "./Vacancies.ts"
import { WorkerRecords } from "../workers/WorkerRecords.ts"

/** At most this many jobs are claimed in one step; more are given by the next. */
export const largestClaim = 1_000
/** At most this many vacancies are served in one step: those that have waited longest. */
const mostSeekers = 256
/**
 * About how many groups are claimed from in one step, shared evenly between the kinds of workers, each of which gets at least
 * `fewestSources`. `sourcesFor` limits it by the jobs that a kind wants: half of a shortlist are the groups whose jobs would
 * be chosen first, so that many are enough even if each has only one job.
 */
const mostSources = 64
const fewestSources = 4
const sourcesFor = (wanted: number) => 22 + 2 * wanted
/** The pause after a claim that other servers got in the way of. */
const restWhenContended = Duration.millis(5)
/** After this many contended steps in a row without any job, vacancies whose wait is over are answered all the same. */
const mostStepsInVain = 20

/** Whether a step claimed at all, and for which vacancies it had groups to claim from; not whether they got a job. */
interface Served {
  readonly hadAny: boolean
  readonly hadFor: (waiting: Waiting) => boolean
}

const forNobody = () => false
const hadForNobody: Served = { hadAny: false, hadFor: forNobody }

/** The merit of a job that the worker may not have yet: below every score. */
const meritOfNobody = -1

const noTypes: ReadonlySet<string> = new Set()

/** The first `most` items for which `isMeant` holds, without looking at the others, of which there may be thousands. */
const firstOf = <A>(all: Iterable<A>, most: number, isMeant: (one: A) => boolean): ReadonlyArray<A> => {
  const found: Array<A> = []
  for (const one of all) {
    if (found.length === most) break
    if (isMeant(one)) found.push(one)
  }
  return found
}

export const make = Effect.fnUntraced(function* (dispatcher: {
  readonly backlog: Backlog
  readonly reachedLimits: ReachedLimits
  readonly vacancies: Vacancies
  readonly postponed: Postponed
}) {
  const { backlog, reachedLimits, postponed, vacancies } = dispatcher
  const repo = yield* JobRepo
  const policies = yield* SupervisorPolicy
  const hub = yield* EventHub
  const outcomes = yield* Outcomes
  const random = yield* SecureRandom.SecureRandom
  const records = yield* WorkerRecords
  const liveWorkers = yield* LiveWorkers
  const turns = Turns.make()
  const takeFeedback = makeClaimFeedback({ postponed, vacancies })
  let stepsInVain = 0

  const giveBack = (jobs: ReadonlyArray<ClaimedJob>, why: Undelivered) =>
    Effect.forEach(jobs, ({ job }) => Effect.andThen(logUndelivered(job, why), outcomes.release(job)), {
      concurrency: "unbounded",
      discard: true
    })

  const turnOf = ({ fairnessKey }: JobGroup) => turns.of(fairnessKey)

  const seekerOf = ({ kind, vacancy }: Waiting): Seeker => ({
    worker: vacancy.worker,
    suitability: kind.suitability,
    accepted: kind.accepted,
    max: vacancy.max,
    lease: vacancy.lease,
    keptFrom: kind.restriction?.types ?? noTypes,
    ...records.of(vacancy.worker)
  })

  const askersOf = (kinds: ReadonlyArray<Kind>, now: number): ReadonlyArray<Asker> => {
    const share = Math.max(fewestSources, Math.ceil(mostSources / Math.max(1, kinds.length)))
    return kinds.flatMap((kind) => {
      const { accepted, asked, restriction, suitability, waiting } = kind
      const [first] = waiting
      if (first === undefined || restriction?.isIdle === true) return []
      const mayGive = (group: JobGroup) =>
        !policies.of(group.type).paused &&
        !reachedLimits.isBlocked(group, null) &&
        mayHave(restriction, group.type)
      const rankings = Rankings.make([seekerOf(first)], ({ running }) => running)
      const meritOf = (group: JobGroup, waited: number) =>
        rankings.of(group, accepted, waited).ranks[0]?.score ?? meritOfNobody
      const wanted = [...waiting].reduce((sum, { vacancy }) => sum + vacancy.max, 0)
      const limit = Math.min(share, sourcesFor(wanted))
      const prospect = backlog.prospect({ suitability, asked, mayGive, turnOf, meritOf, now }, limit)
      return prospect.groups.length === 0 ? [] : [{ kind, prospect }]
    })
  }

  const sourceOf = Effect.fnUntraced(function* (
    group: JobGroup,
    waiting: ReadonlySet<string>
  ): Effect.fn.Return<ClaimSource> {
    const policy = policies.of(group.type)
    const { lease, maxRun, patience, pickup } = policy
    const better = Duration.isZero(patience) ? null : yield* liveWorkers.betterFor(group, patience, waiting)
    return { group, lease, maxRun, pickup, limits: limitsOf(policy), turn: turnOf(group), better }
  })

  // Answers the chosen who still wait with their jobs, except types that they were restricted from meanwhile. Returns the rest.
  const deliver = (chosen: ReadonlyArray<Waiting>, jobs: Claimed["jobs"]) => {
    const shares = new Map<Waiting, Array<ClaimedJob>>()
    for (const claimed of jobs) {
      const waiting = chosen[claimed.seeker]
      if (waiting === undefined) continue
      const share = shares.get(waiting)
      if (share === undefined) shares.set(waiting, [claimed])
      else share.push(claimed)
    }
    const undelivered: Record<Undelivered, Array<ClaimedJob>> = { callerGone: [], keptFrom: [] }
    for (const [waiting, share] of shares) {
      if (!vacancies.isWaiting(waiting)) {
        undelivered.callerGone.push(...share)
        continue
      }
      const { restriction } = waiting.kind
      const [given, kept] = Arr.partition(share, (claimed) =>
        mayHave(restriction, claimed.job.group.type) ? Result.succeed(claimed) : Result.fail(claimed)
      )
      if (given.length > 0) vacancies.answer(waiting, Exit.succeed(given))
      undelivered.keptFrom.push(...kept)
    }
    return undelivered
  }

  /** Claims from the groups for the chosen, delivers, gives back what could not be delivered, and learns from the answer. */
  const claimFor = Effect.fnUntraced(function* (
    askers: ReadonlyArray<Asker>,
    chosen: ReadonlyArray<Waiting>,
    groups: ReadonlyArray<JobGroup>
  ) {
    const names = new Set(chosen.map(({ vacancy }) => vacancy.worker))
    const sources = yield* Effect.forEach(groups, (group) => sourceOf(group, names))
    const expected = groups.reduce((sum, { id }) => sum + backlog.expected(id), 0)
    const wanted = chosen.reduce((sum, { vacancy }) => sum + vacancy.max, 0)
    const count = Math.min(expected, wanted, largestClaim)
    const attempts = yield* Effect.forEach(Array.from({ length: count }), () =>
      Effect.map(random.uuidV7(), (id) => AttemptId.make(id))
    )
    const arrivals = vacancies.arrivals()
    const claimed = yield* reachedLimits.during(
      repo.claim({ sources, seekers: chosen.map(seekerOf), attempts })
    )
    const { contended, jobs } = claimed
    stepsInVain = contended && jobs.length === 0 ? stepsInVain + 1 : 0
    for (const { job } of jobs) {
      backlog.gave(job.group.id, job.runAt)
      turns.served(job.group.fairnessKey)
    }
    for (const { group, runAt } of claimed.heads) backlog.begins(group, runAt)
    const { callerGone, keptFrom } = deliver(chosen, jobs)
    yield* hub.publish(
      "assigned",
      jobs.map(({ job }) => job)
    )
    yield* giveBack(callerGone, "callerGone")
    yield* giveBack(keptFrom, "keptFrom")
    if (jobs.length === count) {
      // Every job that was expected was there, so there may be more than was heard of.
      if (count >= expected) for (const { job } of jobs) backlog.suspect(job.group.id, largestClaim)
    } else if (contended) yield* Effect.sleep(restWhenContended)
    else yield* takeFeedback(askers, { chosen, arrivals }, sources, claimed)
    const isDrained = new Set(claimed.drained)
    for (const { prospect } of askers) prospect.forget(({ id }) => isDrained.has(id))
  })

  /** One step: a claim for the vacancies of these kinds, from the groups that may have something for them. */
  const serveOnce = Effect.fnUntraced(function* (kinds: ReadonlyArray<Kind>): Effect.fn.Return<Served> {
    const askers = askersOf(kinds, yield* Clock.currentTimeMillis)
    const prospects = new Map(askers.map(({ kind, prospect }) => [kind, prospect]))
    const hadFor = ({ kind, vacancy }: Waiting) =>
      prospects.get(kind)?.groups.some((group) => !reachedLimits.isBlocked(group, vacancy.worker)) ?? false
    const able = askers
      .flatMap(({ kind: { waiting } }) => firstOf(waiting, mostSeekers, hadFor))
      .toSorted((left, right) => left.arrival - right.arrival)
    if (able.length === 0) return hadForNobody
    const groups = new Map(
      askers.flatMap(({ prospect }) => prospect.groups.map((group) => [group.id, group] as const))
    )
    yield* claimFor(askers, Arr.take(able, mostSeekers), [...groups.values()])
    return { hadAny: true, hadFor: stepsInVain < mostStepsInVain ? hadFor : forNobody }
  })

  return { giveBack: (jobs: ReadonlyArray<ClaimedJob>) => giveBack(jobs, "callerGone"), serveOnce }
})
