/** One step of the dispatcher: a claim for vacancies of one kind, from the groups that may be given to them now. */
import { Array as Arr, Duration, Effect, Exit, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Backlog, Prospect } from "./Backlog.ts"
import { logUndelivered, type Undelivered } from "./DecisionLog.ts"
import { EventHub } from "./EventHub.ts"
import type { Holds } from "./Holds.ts"
import { AttemptId } from "./Identifiers.ts"
import { type ClaimedJob, type ClaimSlot, type ClaimSource, JobRepo } from "./JobRepo.ts"
import { isHeldBack, limitsOf } from "./Limits.ts"
import type { JobGroup } from "./Matching.ts"
import { Outcomes } from "./Outcomes.ts"
import { mayHave } from "./Restrictions.ts"
import { SupervisorPolicy } from "./SupervisorPolicy.ts"
import { takeTurns } from "./takeTurns.ts"
import * as Turns from "./Turns.ts"
import type { Kind, Vacancies, Waiting } from "./Vacancies.ts"

/** At most this many jobs are claimed in one step; more vacancies are served by the next. */
export const largestClaim = 1_000
/** At most this many groups are claimed from in one step. */
const mostSources = 256
/** The rest when another server has just taken what was to be had here. */
const restWhenContended = Duration.millis(5)

/** For whom a step had something to give, of those who waited when it began; whether they were given it or not. */
interface Served {
  readonly hadAny: boolean
  readonly hadFor: (waiting: Waiting) => boolean
}

const hadForNobody: Served = { hadAny: false, hadFor: () => false }
const hadForAll: Served = { hadAny: true, hadFor: () => true }

export const make = Effect.fnUntraced(function* (dispatcher: {
  readonly backlog: Backlog
  readonly holds: Holds
  /** Whether nothing more is to be given away. */
  readonly isClosed: () => boolean
  readonly vacancies: Vacancies
}) {
  const { backlog, holds, isClosed, vacancies } = dispatcher
  const repo = yield* JobRepo
  const policies = yield* SupervisorPolicy
  const hub = yield* EventHub
  const outcomes = yield* Outcomes
  const random = yield* SecureRandom.SecureRandom
  const turns = Turns.make()

  const giveBack = (jobs: ReadonlyArray<ClaimedJob>, why: Undelivered) =>
    Effect.forEach(jobs, ({ job }) => Effect.andThen(logUndelivered(job, why), outcomes.release(job)), {
      concurrency: "unbounded",
      discard: true
    })

  const slotFor = ({ vacancy }: Waiting): Effect.Effect<ClaimSlot> =>
    Effect.map(random.uuidV7(), (id) => ({
      attempt: AttemptId.make(id),
      worker: vacancy.worker,
      lease: vacancy.lease
    }))

  const turnOf = ({ fairnessKey }: JobGroup) => turns.of(fairnessKey)

  const sourceOf = (group: JobGroup): ClaimSource => {
    const policy = policies.current(group.type)
    const { lease, maxRun, pickup } = policy
    return { group, lease, maxRun, pickup, limits: limitsOf(policy), turn: turnOf(group) }
  }

  /** What may be given to vacancies of a kind: to this worker, or to any of them where null. */
  const askingFor = ({ asked, restriction, suitability }: Kind, worker: string | null) => ({
    suitability,
    asked,
    mayGive: (group: JobGroup) =>
      !policies.current(group.type).paused &&
      !holds.isHeld(group, worker) &&
      mayHave(restriction, group.type),
    turnOf
  })

  // Answers those who still wait, with what they have not been kept from in the meantime. The rest is for nobody any more.
  const deliver = (chosen: ReadonlyArray<Waiting>, jobs: ReadonlyArray<ClaimedJob>) => {
    const shares = new Map<Waiting, Array<ClaimedJob>>()
    jobs.forEach((job, index) => {
      const waiting = chosen[index]
      if (waiting === undefined) return
      const share = shares.get(waiting)
      if (share === undefined) shares.set(waiting, [job])
      else share.push(job)
    })
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

  /** Claims a job for each of the chosen, as far as there are any. True if others were claiming from the same jobs. */
  const claimFor = Effect.fnUntraced(function* (
    { suitability: { accepts } }: Kind,
    prospect: Prospect,
    chosen: ReadonlyArray<Waiting>
  ) {
    const claim = repo.claim({
      sources: prospect.groups.map(sourceOf),
      accepts,
      slots: yield* Effect.forEach(chosen, slotFor)
    })
    const { contended, jobs, reached } = yield* holds.during(claim)
    for (const { job } of jobs) {
      backlog.gave(job.group.id, job.runAt)
      turns.served(job.group.fairnessKey)
    }
    const { callerGone, keptFrom } = deliver(chosen, jobs)
    yield* hub.publish(
      "assigned",
      jobs.map(({ job }) => job)
    )
    yield* giveBack(callerGone, "callerGone")
    yield* giveBack(keptFrom, "keptFrom")
    if (jobs.length === chosen.length) {
      // All that was expected was there: perhaps there is more than was heard of.
      if (chosen.length >= prospect.expected) {
        for (const { job } of jobs) backlog.suspect(job.group.id, largestClaim)
      }
      return contended
    }
    if (contended) {
      yield* Effect.sleep(restWhenContended)
      return true
    }
    // What a limit holds back is still there.
    const isEmpty = (group: JobGroup) => !isHeldBack(reached, group)
    // What the worker does not accept is still there for others.
    if (accepts.length === 0) prospect.forget(isEmpty)
    else prospect.askedInVain(isEmpty)
    return false
  })

  /** The same where workers have limits of their own: a claim for each of them, from what each may still have. */
  const claimForEach = Effect.fnUntraced(function* (kind: Kind, expected: number) {
    const hasFor = new Map<string, boolean>()
    for (const { vacancy } of kind.waiting) {
      const { worker } = vacancy
      if (!hasFor.has(worker)) hasFor.set(worker, backlog.has(askingFor(kind, worker)))
    }
    const hadFor = ({ vacancy }: Waiting) => hasFor.get(vacancy.worker) === true
    const able = [...kind.waiting].filter(hadFor)
    const chosen = takeTurns(able, Math.min(expected, largestClaim))
    for (const [worker, ofWorker] of Map.groupBy(chosen, ({ vacancy }) => vacancy.worker)) {
      if (isClosed() || !backlog.has(askingFor(kind, null))) break
      const prospect = backlog.prospect(askingFor(kind, worker), mostSources)
      if (prospect.groups.length > 0 && (yield* claimFor(kind, prospect, ofWorker))) break
    }
    return { hadAny: able.length > 0, hadFor }
  })

  /** Serves the vacancies of one kind from groups that were not asked in vain before. */
  const serveOnce = Effect.fnUntraced(function* (kind: Kind): Effect.fn.Return<Served> {
    if (kind.waiting.size === 0 || kind.restriction?.isIdle === true) return hadForNobody
    const prospect = backlog.prospect(askingFor(kind, null), mostSources)
    if (prospect.groups.length === 0) return hadForNobody
    if (prospect.groups.some(({ type }) => policies.current(type).perWorker !== null)) {
      return yield* claimForEach(kind, prospect.expected)
    }
    yield* claimFor(kind, prospect, takeTurns(kind.waiting, Math.min(prospect.expected, largestClaim)))
    return hadForAll
  })

  return { giveBack: (jobs: ReadonlyArray<ClaimedJob>) => giveBack(jobs, "callerGone"), serveOnce }
})
