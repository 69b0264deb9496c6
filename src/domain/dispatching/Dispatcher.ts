/** Gives pending jobs to the workers that wait at this server (vacancies), by claims for many of them at once. */
import { type Cause, Context, Deferred, Duration, Effect, Exit, Latch, Layer } from "effect"
import * as Backlog from "./Backlog.ts"
import { Deadlines } from "../Deadlines.ts"
import { EventHub } from "../events/EventHub.ts"
import { endsAttempts } from "../jobs/JobChange.ts"
import * as ReachedLimits from "./ReachedLimits.ts"
import type { ClaimedJob } from "../jobs/Claim.ts"
import { isStoreUnavailable } from "../StoreUnavailable.ts"
import { makeFailureLog, retryDelay } from "../retryForever.ts"
import * as Postponed from "./Postponed.ts"
import { Restrictions } from "../workers/Restrictions.ts"
import * as Serving from "./Serving.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import * as Vacancies from "./Vacancies.ts"
import * as WorkNews from "./WorkNews.ts"

/** How often the store is asked for pending groups while somebody waits, for news of work may get lost. */
const backstop = Duration.seconds(5)

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
    /** The vacancies that wait here. */
    readonly vacancies: Effect.Effect<ReadonlyArray<Vacancies.Vacancy>>
    /** Assigns nothing more, and answers all that wait, now and later, with nothing. */
    readonly close: Effect.Effect<void>
    /** Whether `close` was called. */
    readonly isClosed: Effect.Effect<boolean>
  }
>()("lazyboss/domain/dispatching/Dispatcher") {
  static readonly layer = Layer.effect(
    Dispatcher,
    Effect.gen(function* () {
      const policies = yield* SupervisorPolicy
      const restrictions = yield* Restrictions
      const hub = yield* EventHub
      const deadlines = yield* Deadlines

      const wake = yield* Latch.make(false)
      const backlog = Backlog.make()
      const vacancies = Vacancies.make(deadlines, restrictions)
      const reachedLimits = ReachedLimits.make(deadlines, (type) => {
        vacancies.askAgain((group) => type === null || backlog.get(group)?.type === type)
        wake.openUnsafe()
      })
      const news = yield* WorkNews.make({
        backlog,
        deadlines,
        reachedLimits,
        vacancies,
        wake: () => wake.openUnsafe()
      })
      const postponed = Postponed.make(deadlines, (group, now) => {
        news.hear(group, 1, now)
        wake.openUnsafe()
      })
      let isClosed = false
      const { giveBack, serveOnce } = yield* Serving.make({ backlog, reachedLimits, postponed, vacancies })
      const failures = makeFailureLog("give jobs to workers")

      const answerAll = (
        these: ReadonlyArray<Vacancies.Waiting>,
        exit: Exit.Exit<ReadonlyArray<ClaimedJob>>
      ) => these.forEach((waiting) => vacancies.answer(waiting, exit))

      const lateOf = (kinds: ReadonlyArray<Vacancies.Kind>) => kinds.flatMap(({ late }) => [...late])

      // If it fails, those whose wait is over are answered with the failure.
      const catchUp = Effect.onError(news.catchUp, (cause) =>
        Effect.sync(() => answerAll(lateOf(vacancies.kinds()), Exit.failCause(cause)))
      )

      const listen = Effect.gen(function* () {
        const work = yield* hub.takeWork
        work.freed.forEach(reachedLimits.freed)
        yield* news.take(work)
        wake.openUnsafe()
      })

      // Those whose wait was over when the step began are answered with nothing if the step had nothing for them, even if it
      // had something for others. The rest waits for the next step.
      const serveKinds = Effect.fnUntraced(function* (kinds: ReadonlyArray<Vacancies.Kind>) {
        const late = lateOf(kinds).map((waiting) => ({ waiting, kind: waiting.kind }))
        const { hadAny, hadFor } = yield* Effect.uninterruptible(serveOnce(kinds))
        answerAll(
          late.flatMap(({ kind, waiting }) => (waiting.kind === kind && !hadFor(waiting) ? [waiting] : [])),
          nothing
        )
        return hadAny
      })

      // All who wait here are served together. If that fails each kind of worker is served by itself, so that none can keep
      // the others waiting, not even one whose claims always fail. Without the store nobody can be served.
      const serveTogether = Effect.gen(function* () {
        const kinds = vacancies.kinds()
        const together = yield* Effect.exit(serveKinds(kinds))
        if (Exit.isSuccess(together)) return together.value
        if (isStoreUnavailable(together.cause)) {
          answerAll(lateOf(kinds), Exit.failCause(together.cause))
          failure = together.cause
          return true
        }
        for (const kind of kinds) {
          if (isClosed) break
          const exit = kinds.length === 1 ? together : yield* Effect.exit(serveKinds([kind]))
          if (Exit.isSuccess(exit)) continue
          answerAll(lateOf([kind]), Exit.failCause(exit.cause))
          failure = exit.cause
        }
        return true
      })

      let failure: Cause.Cause<never> | null = null
      const serveAll = Effect.gen(function* () {
        let isMoreToGive = true
        failure = null
        while (isMoreToGive && !isClosed) {
          if (vacancies.count() > 0) yield* catchUp
          isMoreToGive = yield* serveTogether
          if (failure !== null) return yield* Effect.failCause(failure)
        }
      })

      const serve = Effect.gen(function* () {
        yield* wake.await
        // Lets claims in that were made in the same turn of the event loop, so that one step serves them together.
        yield* Effect.yieldNow
        wake.closeUnsafe()
        const exit = yield* Effect.exit(serveAll)
        if (isClosed) {
          return answerAll(
            vacancies.kinds().flatMap(({ waiting }) => [...waiting]),
            nothing
          )
        }
        if (Exit.isSuccess(exit)) return yield* failures.succeeded
        yield* failures.failed(exit.cause)
        yield* Effect.sleep(retryDelay)
        wake.openUnsafe()
      })

      yield* hub.listen((jobs, change) => {
        if (endsAttempts(change)) jobs.forEach(reachedLimits.ended)
      })
      yield* policies.listen(reachedLimits.clear)
      yield* restrictions.listen(() => {
        vacancies.regroup()
        wake.openUnsafe()
      })
      yield* Effect.forkScoped(Effect.forever(listen))
      yield* Effect.forkScoped(Effect.forever(serve))
      yield* Effect.forkScoped(
        Effect.sleep(backstop).pipe(Effect.andThen(Effect.sync(news.suspectMissed)), Effect.forever)
      )

      return Dispatcher.of({
        giveBack,
        claim: (vacancy, wait) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.suspend(() => {
              if (isClosed) return Effect.succeed([])
              // Only `serve` answers, after a claim: so even a wait of zero gets a job that is there.
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
        vacancies: Effect.sync(() =>
          vacancies.kinds().flatMap(({ waiting }) => [...waiting].map(({ vacancy }) => vacancy))
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
