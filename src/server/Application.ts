/** The server put together, on whichever store, authenticator and socket it is given. */
import { Effect, Layer } from "effect"
import { Digest } from "effect/crypto"
import { Authenticator } from "../domain/access/Authenticator.ts"
import { Boss } from "../domain/Boss.ts"
import { BulkActions } from "../domain/jobs/BulkActions.ts"
import { Deadlines } from "../domain/Deadlines.ts"
import * as DecisionLog from "../domain/events/DecisionLog.ts"
import { Dispatcher } from "../domain/dispatching/Dispatcher.ts"
import { EventFeed } from "../domain/events/EventFeed.ts"
import { EventHub } from "../domain/events/EventHub.ts"
import { LeaseManager } from "../domain/attempts/LeaseManager.ts"
import { LiveWorkers } from "../domain/workers/LiveWorkers.ts"
import { Measures } from "../domain/stats/Measures.ts"
import { Outcomes } from "../domain/attempts/Outcomes.ts"
import { Projects } from "../domain/projects/Projects.ts"
import { Quarantines } from "../domain/workers/Quarantines.ts"
import { Restrictions } from "../domain/workers/Restrictions.ts"
import { Stats, toldByFeed } from "../domain/stats/Stats.ts"
import { Schedules } from "../domain/schedules/Schedules.ts"
import { StatsSlot } from "../domain/stats/StatsSource.ts"
import { StoreMeasures } from "../domain/stats/StoreMeasures.ts"
import { Submitting } from "../domain/jobs/Submitting.ts"
import { SupervisorPolicy } from "../domain/policies/SupervisorPolicy.ts"
import { Tokens } from "../domain/access/Tokens.ts"
import { WorkerRecords } from "../domain/workers/WorkerRecords.ts"
import { Workers } from "../domain/workers/Workers.ts"
import { Shutdown } from "./http/Shutdown.ts"
import { HttpAppLive } from "./http/HttpApp.ts"
import { deleteFinishedJobs } from "./loops/deleteFinishedJobs.ts"
import { deleteFinishedProjects } from "./loops/deleteFinishedProjects.ts"
import { doBulkActions } from "./loops/doBulkActions.ts"
import { endOverdueAttempts } from "./loops/endOverdueAttempts.ts"
import { expireJobs } from "./loops/expireJobs.ts"
import { finishProjects } from "./loops/finishProjects.ts"
import { fireSchedules } from "./loops/fireSchedules.ts"
import { forgetIdempotencyKeys } from "./loops/forgetIdempotencyKeys.ts"
import { forgetWorkers } from "./loops/forgetWorkers.ts"
import { noticeGoneWorkers } from "./loops/noticeGoneWorkers.ts"
import { promoteScheduledJobs } from "./loops/promoteScheduledJobs.ts"
import { tellRelaxedJobs } from "./loops/tellRelaxedJobs.ts"
import { tellUnclaimedJobs } from "./loops/tellUnclaimedJobs.ts"
import { rollUpCounts } from "./loops/rollUpCounts.ts"
import * as PooledRandom from "./PooledRandom.ts"
import * as StoreInstrumentation from "./StoreInstrumentation.ts"
import { RequestSpansLive } from "./traces/Traces.ts"

/** The domain's services, over a store and peers, with whichever chance they are given. */
export const DomainServices = Layer.mergeAll(Boss.layer, Projects.layer, Schedules.layer, Stats.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(BulkActions.layer, Submitting.layer)),
  Layer.provideMerge(Layer.mergeAll(Dispatcher.layer, LeaseManager.layer, Authenticator.layer)),
  Layer.provideMerge(LiveWorkers.layer),
  Layer.provideMerge(Layer.mergeAll(Workers.layer, WorkerRecords.layer)),
  Layer.provideMerge(Outcomes.layer),
  Layer.provideMerge(Quarantines.layer),
  Layer.provideMerge(Restrictions.layer),
  Layer.provideMerge(Layer.mergeAll(SupervisorPolicy.layer, Tokens.layer)),
  Layer.provideMerge(EventFeed.layer),
  Layer.provideMerge(StatsSlot.layer),
  Layer.provideMerge(Measures.layer),
  Layer.provideMerge(Layer.mergeAll(EventHub.layer, Deadlines.layer))
)

/** The domain's services, with chance from the system. */
export const DomainLive = DomainServices.pipe(Layer.provide([Digest.layerWebCrypto, PooledRandom.layer]))

/** The background duties. Every server has them all; they do no harm to one another. */
export const DutiesLive = Layer.effectDiscard(
  Effect.forEach(
    [
      promoteScheduledJobs,
      endOverdueAttempts,
      expireJobs,
      tellUnclaimedJobs,
      tellRelaxedJobs,
      doBulkActions,
      fireSchedules,
      deleteFinishedJobs,
      finishProjects,
      deleteFinishedProjects,
      forgetIdempotencyKeys,
      noticeGoneWorkers,
      forgetWorkers,
      rollUpCounts
    ],
    (duty) => Effect.forkScoped(duty),
    { discard: true }
  )
)

// Whoever waits is answered and whoever listens is let go before the socket is closed, which waits for them.
const GracefulStopLive = Layer.effectDiscard(
  Effect.gen(function* () {
    const dispatcher = yield* Dispatcher
    const shutdown = yield* Shutdown
    yield* Effect.addFinalizer(() =>
      Effect.logInfo("server stopping").pipe(Effect.andThen(dispatcher.close), Effect.andThen(shutdown.begin))
    )
  })
)

/** The whole application, listening. */
export const ApplicationLive = GracefulStopLive.pipe(
  Layer.provideMerge(HttpAppLive),
  Layer.provideMerge(Layer.mergeAll(DutiesLive, DecisionLog.layer, toldByFeed)),
  Layer.provide(DomainLive),
  Layer.provide(StoreInstrumentation.layer),
  Layer.provide(StoreMeasures.layer),
  Layer.provide(Shutdown.layer),
  Layer.provide(RequestSpansLive)
)
