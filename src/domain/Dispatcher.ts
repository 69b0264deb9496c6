/** Brings vacancies and pending jobs together: on one side the workers that wait here, on the other the store. */
import { Context, Deferred, Duration, Effect, Exit, Latch, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import * as Backlog from "./Backlog.ts"
import { Deadlines } from "./Deadlines.ts"
import { logUndelivered } from "./DecisionLog.ts"
import { EventHub } from "./EventHub.ts"
import { AttemptId } from "./Identifiers.ts"
import { type ClaimedJob, type ClaimSlot, type ClaimSource, JobRepo } from "./JobRepo.ts"
import type { JobGroup } from "./Matching.ts"
import { Outcomes } from "./Outcomes.ts"
import { makeTrouble, persevere, restAfterFailure } from "./Perseverance.ts"
import { SupervisorPolicy } from "./SupervisorPolicy.ts"
import { takeTurns } from "./takeTurns.ts"
import * as Vacancies from "./Vacancies.ts"

/** At most this many jobs are claimed in one step; more vacancies are served by the next. */
const largestClaim = 1_000
/** At most this many groups are claimed from in one step, those of the highest priority first. */
const mostSources = 256
/** News of work may get lost: so often is the store asked while somebody waits. */
const backstop = Duration.seconds(5)
/** The rest when another server has just taken what was to be had here. */
const restWhenContended = Duration.millis(5)

const nothing = Exit.succeed<ReadonlyArray<ClaimedJob>>([])

export class Dispatcher extends Context.Service<
  Dispatcher,
  {
    /**
     * Waits up to `wait` for jobs for this vacancy: 1 to `max` of them, or none when the time is over or the dispatcher
     * is closed. Interrupting it gives back whatever was assigned.
     */
    readonly claim: (
      vacancy: Vacancies.Vacancy,
      wait: Duration.Duration
    ) => Effect.Effect<ReadonlyArray<ClaimedJob>>
    /** Gives back jobs that could not be delivered, charged to nobody. */
    readonly giveBack: (jobs: ReadonlyArray<ClaimedJob>) => Effect.Effect<void>
    /** How many vacancies wait here. */
    readonly waiting: Effect.Effect<number>
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
      const vacancies = Vacancies.make(deadlines)
      const wake = yield* Latch.make(false)
      const trouble = makeTrouble("give jobs to workers")
      let isClosed = false

      const answerAll = (
        these: ReadonlyArray<Vacancies.Waiting>,
        exit: Exit.Exit<ReadonlyArray<ClaimedJob>>
      ) => these.forEach((waiting) => vacancies.answer(waiting, exit))

      const giveBack = (jobs: ReadonlyArray<ClaimedJob>) =>
        Effect.forEach(jobs, ({ job }) => Effect.andThen(logUndelivered(job), outcomes.release(job)), {
          concurrency: "unbounded",
          discard: true
        })

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

      const slotFor = ({ vacancy }: Vacancies.Waiting): Effect.Effect<ClaimSlot> =>
        Effect.map(random.uuidV7(), (id) => ({
          attempt: AttemptId.make(id),
          worker: vacancy.worker,
          lease: vacancy.lease
        }))

      const sourceOf = (group: JobGroup): Effect.Effect<ClaimSource> =>
        Effect.map(policies.of(group.type), ({ lease, maxRun, pickup }) => ({ group, lease, maxRun, pickup }))

      // Answers those who still wait. What is left is for nobody any more.
      const deliver = (chosen: ReadonlyArray<Vacancies.Waiting>, jobs: ReadonlyArray<ClaimedJob>) => {
        const shares = new Map<Vacancies.Waiting, Array<ClaimedJob>>()
        jobs.forEach((job, index) => {
          const waiting = chosen[index]
          if (waiting === undefined) return
          const share = shares.get(waiting)
          if (share === undefined) shares.set(waiting, [job])
          else share.push(job)
        })
        const undelivered: Array<ClaimedJob> = []
        for (const [waiting, share] of shares) {
          if (vacancies.isWaiting(waiting)) vacancies.answer(waiting, Exit.succeed(share))
          else undelivered.push(...share)
        }
        return undelivered
      }

      /**
       * Serves the vacancies of one kind by one claim, from groups that were not asked in vain before. False when there is
       * nothing more for them.
       */
      const serveOnce = Effect.fnUntraced(function* ({ asked, suitability, waiting }: Vacancies.Kind) {
        if (waiting.size === 0) return false
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
        yield* hub.publish(
          "assigned",
          jobs.map(({ job }) => job)
        )
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
          for (const kind of vacancies.kinds()) {
            if (isClosed) return
            const late = [...kind.late]
            if (yield* Effect.uninterruptible(serveOnce(kind))) isMoreToGive = true
            else answerAll(late, nothing)
          }
        }
      })

      const serve = Effect.gen(function* () {
        yield* wake.await
        // Whoever has asked by now but was not yet heard is served by the same claims.
        yield* Effect.yieldNow
        wake.closeUnsafe()
        const exit = yield* Effect.exit(serveAll)
        if (isClosed) {
          return answerAll(
            vacancies.kinds().flatMap(({ waiting }) => [...waiting]),
            nothing
          )
        }
        if (Exit.isSuccess(exit)) return yield* trouble.end
        yield* trouble.begin(exit.cause)
        // Whoever's time is up while the store is away is told so; the others may be luckier.
        answerAll(
          vacancies.kinds().flatMap(({ late }) => [...late]),
          Exit.failCause(exit.cause)
        )
        yield* Effect.sleep(restAfterFailure)
        wake.openUnsafe()
      })

      yield* Effect.forkScoped(Effect.forever(listen))
      yield* Effect.forkScoped(Effect.forever(serve))
      yield* Effect.forkScoped(
        Effect.sleep(backstop).pipe(
          Effect.andThen(Effect.suspend(() => (vacancies.kinds().length > 0 ? askTheStore : Effect.void))),
          Effect.forever
        )
      )

      return Dispatcher.of({
        giveBack,
        claim: (vacancy, wait) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.suspend(() => {
              if (isClosed) return Effect.succeed([])
              // The last word is with the server of vacancies: even a wait of zero gets what is there.
              const waiting = vacancies.enter(vacancy, wait, () => wake.openUnsafe())
              wake.openUnsafe()
              return Effect.onInterrupt(restore(Deferred.await(waiting.served)), () => {
                vacancies.leave(waiting)
                return Deferred.isDoneUnsafe(waiting.served)
                  ? Effect.flatMap(Deferred.await(waiting.served), giveBack)
                  : Effect.void
              })
            })
          ),
        waiting: Effect.sync(vacancies.count),
        close: Effect.sync(() => {
          isClosed = true
          wake.openUnsafe()
        }),
        isClosed: Effect.sync(() => isClosed)
      })
    })
  )
}
