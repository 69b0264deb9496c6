/** Brings vacancies and pending jobs together: on one side the workers that wait here, on the other the store. */
import { type Cause, Context, Deferred, Duration, Effect, Exit, Latch, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import * as Backlog from "./Backlog.ts"
import { Deadlines } from "./Deadlines.ts"
import { EventHub } from "./EventHub.ts"
import { AttemptId } from "./Identifiers.ts"
import { type ClaimedJob, type ClaimSlot, type ClaimSource, JobRepo } from "./JobRepo.ts"
import type { JobGroup, Suitability } from "./Matching.ts"
import { Outcomes } from "./Outcomes.ts"
import { persevere, reasonOf, restAfterFailure } from "./Perseverance.ts"
import { SupervisorPolicy } from "./SupervisorPolicy.ts"
import { takeTurns } from "./takeTurns.ts"

/** A worker that waits for work. */
export interface Vacancy {
  readonly worker: string
  readonly suitability: Suitability
  /** At most this many jobs at a time. */
  readonly max: number
  /** The lease that the worker asks for, or null. */
  readonly lease: Duration.Duration | null
}

/** At most this many jobs are claimed in one step; more vacancies are served by the next. */
const largestClaim = 1_000
/** At most this many groups are claimed from in one step, those of the highest priority first. */
const mostSources = 256
/** News of work may get lost: so often is the store asked while somebody waits. */
const backstop = Duration.seconds(5)
/** The rest when another server has just taken what was to be had here. */
const restWhenContended = Duration.millis(5)

interface Waiting {
  readonly vacancy: Vacancy
  readonly kind: string
  readonly served: Deferred.Deferred<ReadonlyArray<ClaimedJob>>
  isOpen: boolean
  forgetDeadline: () => void
}

/** Vacancies that can do the same jobs, and the groups that had none of them to give. */
interface Kind {
  readonly waiting: Set<Waiting>
  /** Those whose time is up: they are answered with nothing unless the step under way has something for them. */
  readonly late: Set<Waiting>
  readonly asked: Backlog.Asked
}

// Vacancies of the same kind can do the same jobs and are served by one claim.
const kindOf = ({ accepts, skills, types }: Suitability) => JSON.stringify([types, skills, accepts])

export class Dispatcher extends Context.Service<
  Dispatcher,
  {
    /**
     * Waits up to `wait` for jobs for this vacancy: 1 to `max` of them, or none when the time is over or the dispatcher
     * is closed. Interrupting it gives back whatever was assigned.
     */
    readonly claim: (vacancy: Vacancy, wait: Duration.Duration) => Effect.Effect<ReadonlyArray<ClaimedJob>>
    /** Gives back jobs that could not be delivered, charged to nobody. */
    readonly giveBack: (jobs: ReadonlyArray<ClaimedJob>) => Effect.Effect<void>
    /** Assigns nothing more, and answers all that wait, now and later, with nothing. */
    readonly close: Effect.Effect<void>
    /** Whether `close` was called. */
    readonly isClosed: Effect.Effect<boolean>
  }
>()("lazyboss/domain/Dispatcher") {
  static readonly layer = Layer.effect(
    Dispatcher,
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const policies = yield* SupervisorPolicy
      const hub = yield* EventHub
      const outcomes = yield* Outcomes
      const deadlines = yield* Deadlines
      const random = yield* SecureRandom.SecureRandom

      const backlog = Backlog.make()
      const kinds = new Map<string, Kind>()
      const wake = yield* Latch.make(false)
      let isClosed = false
      let isInTrouble = false

      const stopWaiting = (waiting: Waiting) => {
        waiting.isOpen = false
        waiting.forgetDeadline()
        const kind = kinds.get(waiting.kind)
        kind?.waiting.delete(waiting)
        kind?.late.delete(waiting)
        if (kind?.waiting.size === 0) kinds.delete(waiting.kind)
      }

      const answer = (waiting: Waiting, jobs: ReadonlyArray<ClaimedJob>) => {
        if (!waiting.isOpen) return
        stopWaiting(waiting)
        Deferred.doneUnsafe(waiting.served, Exit.succeed(jobs))
      }

      const giveBack = (jobs: ReadonlyArray<ClaimedJob>) =>
        Effect.forEach(jobs, ({ job }) => outcomes.release(job), { concurrency: "unbounded", discard: true })

      const askTheStore = Effect.map(persevere("ask for pending jobs", repo.pendingGroups), (groups) => {
        for (const group of groups) backlog.hear(group, largestClaim)
        wake.openUnsafe()
      })

      const listen = Effect.gen(function* () {
        const work = yield* hub.takeWork
        work.here.forEach(({ count, group }) => backlog.hear(group, count))
        let isStrange = work.anything
        for (const id of work.elsewhere) {
          const group = backlog.get(id)
          if (group === undefined) isStrange = true
          else backlog.hear(group, largestClaim)
        }
        wake.openUnsafe()
        if (isStrange) yield* askTheStore
      })

      const slotFor = ({ vacancy }: Waiting): Effect.Effect<ClaimSlot> =>
        Effect.map(random.uuidV7(), (id) => ({
          attempt: AttemptId.make(id),
          worker: vacancy.worker,
          lease: vacancy.lease
        }))

      const sourceOf = (group: JobGroup): Effect.Effect<ClaimSource> =>
        Effect.map(policies.of(group.type), ({ lease, maxRun, pickup }) => ({ group, lease, maxRun, pickup }))

      // Answers those who still wait. What is left is for nobody any more.
      const deliver = (chosen: ReadonlyArray<Waiting>, jobs: ReadonlyArray<ClaimedJob>) => {
        const shares = new Map<Waiting, Array<ClaimedJob>>()
        jobs.forEach((job, index) => {
          const waiting = chosen[index]
          if (waiting === undefined) return
          const share = shares.get(waiting)
          if (share === undefined) shares.set(waiting, [job])
          else share.push(job)
        })
        const undelivered: Array<ClaimedJob> = []
        for (const [waiting, share] of shares) {
          if (waiting.isOpen) answer(waiting, share)
          else undelivered.push(...share)
        }
        return undelivered
      }

      /**
       * Serves the vacancies of one kind by one claim, from groups that were not asked in vain before. False when there is
       * nothing more for them.
       */
      const serveOnce = Effect.fnUntraced(function* ({ asked, waiting }: Kind) {
        const [first] = waiting
        if (first === undefined) return false
        const { suitability } = first.vacancy
        const prospect = backlog.prospect(suitability, mostSources, asked)
        if (prospect.groups.length === 0) return false
        const chosen = takeTurns(waiting, Math.min(prospect.expected, largestClaim))
        const { contended, jobs } = yield* repo.claim({
          sources: yield* Effect.forEach(prospect.groups, sourceOf),
          accepts: suitability.accepts,
          slots: yield* Effect.forEach(chosen, slotFor)
        })
        for (const { job } of jobs) backlog.gave(job.group.id)
        const undelivered = deliver(chosen, jobs)
        yield* hub.publish(jobs.map(({ job }) => job))
        yield* giveBack(undelivered)
        if (jobs.length === chosen.length) {
          // All that was expected was there: perhaps there is more than was heard of.
          if (chosen.length >= prospect.expected) {
            for (const { job } of jobs) backlog.suspect(job.group.id, largestClaim)
          }
          return true
        }
        if (contended) {
          yield* Effect.sleep(restWhenContended)
          return true
        }
        // What the worker does not accept is still there for others.
        if (suitability.accepts.length === 0) prospect.forget()
        else prospect.askedInVain()
        return true
      })

      // Everybody who waits here is asked in each round, so that no kind of worker can keep the others waiting. Who was out
      // of time when the round began is let go when there is nothing more for its kind.
      const serveAll = Effect.gen(function* () {
        let isMoreToGive = true
        while (isMoreToGive && !isClosed) {
          isMoreToGive = false
          for (const kind of [...kinds.values()]) {
            if (isClosed) return
            const late = [...kind.late]
            if (yield* Effect.uninterruptible(serveOnce(kind))) isMoreToGive = true
            else for (const one of late) answer(one, [])
          }
        }
      })

      const everybody = () => [...kinds.values()].flatMap(({ waiting }) => [...waiting])

      // Whoever's time is up while the store is away is told so; the others may be luckier.
      const letLateOnesFail = (cause: Cause.Cause<never>) => {
        for (const waiting of [...kinds.values()].flatMap(({ late }) => [...late])) {
          stopWaiting(waiting)
          Deferred.doneUnsafe(waiting.served, Exit.failCause(cause))
        }
      }

      const serve = Effect.gen(function* () {
        yield* wake.await
        // Whoever has asked by now but was not yet heard is served by the same claims.
        yield* Effect.yieldNow
        wake.closeUnsafe()
        const exit = yield* Effect.exit(serveAll)
        if (isClosed) return everybody().forEach((waiting) => answer(waiting, []))
        if (Exit.isSuccess(exit)) {
          if (isInTrouble) yield* Effect.logInfo("could give jobs to workers again")
          isInTrouble = false
          return
        }
        if (!isInTrouble) {
          yield* Effect.logWarning(
            "could not give jobs to workers, trying again until it works",
            reasonOf(exit.cause)
          )
        }
        isInTrouble = true
        letLateOnesFail(exit.cause)
        yield* Effect.sleep(restAfterFailure)
        wake.openUnsafe()
      })

      yield* Effect.forkScoped(Effect.forever(listen))
      yield* Effect.forkScoped(Effect.forever(serve))
      yield* Effect.forkScoped(
        Effect.sleep(backstop).pipe(
          Effect.andThen(Effect.suspend(() => (kinds.size > 0 ? askTheStore : Effect.void))),
          Effect.forever
        )
      )

      return Dispatcher.of({
        giveBack,
        claim: (vacancy, wait) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.suspend(() => {
              if (isClosed) return Effect.succeed([])
              const kind = kindOf(vacancy.suitability)
              const served = Deferred.makeUnsafe<ReadonlyArray<ClaimedJob>>()
              const waiting: Waiting = {
                vacancy,
                kind,
                served,
                isOpen: true,
                forgetDeadline: () => undefined
              }
              const alike = kinds.get(kind) ?? { waiting: new Set(), late: new Set(), asked: new Map() }
              kinds.set(kind, alike)
              alike.waiting.add(waiting)
              // The last word is with the server of vacancies: even a wait of zero gets what is there.
              const outOfTime = () => {
                alike.late.add(waiting)
                wake.openUnsafe()
              }
              if (Duration.isZero(wait)) outOfTime()
              else waiting.forgetDeadline = deadlines.set(wait, outOfTime)
              wake.openUnsafe()
              return Effect.onInterrupt(restore(Deferred.await(served)), () => {
                stopWaiting(waiting)
                return Deferred.isDoneUnsafe(served)
                  ? Effect.flatMap(Deferred.await(served), giveBack)
                  : Effect.void
              })
            })
          ),
        close: Effect.sync(() => {
          isClosed = true
          wake.openUnsafe()
        }),
        isClosed: Effect.sync(() => isClosed)
      })
    })
  )
}
