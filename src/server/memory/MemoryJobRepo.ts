/** The store in memory, for tests: what it keeps is gone with the layer. Its time is Effect's clock. */
import { DateTime, Effect, Layer } from "effect"
import { JobRepo } from "../../domain/JobRepo.ts"
import * as Attempts from "./MemoryAttempts.ts"
import * as Duties from "./MemoryDuties.ts"
import * as Jobs from "./MemoryJobs.ts"
import * as Log from "./MemoryLog.ts"
import * as MemoryState from "./MemoryState.ts"

// The time is read within the step, so that nothing can come in between.
const step = <A>(run: (now: DateTime.Utc) => A): Effect.Effect<A> =>
  Effect.clockWith((clock) => Effect.sync(() => run(DateTime.makeUnsafe(clock.currentTimeMillisUnsafe()))))

export const layer: Layer.Layer<JobRepo> = Layer.sync(JobRepo, () => {
  const state = MemoryState.make()

  // One item of a batch sees what the items before it did.
  const batched =
    <A, B>(one: (state: MemoryState.MemoryState, now: DateTime.Utc, item: A) => B) =>
    (batch: ReadonlyArray<A>): Effect.Effect<ReadonlyArray<B>> =>
      step((now) => batch.map((item) => one(state, now, item)))

  return JobRepo.of({
    insert: batched(Jobs.submit),
    claim: (claim) => step((now) => Attempts.claim(state, now, claim)),
    end: batched(Attempts.end),
    renew: batched(Attempts.renew),
    recordProgress: batched(Attempts.recordProgress),
    cancel: batched(Jobs.cancel),
    retry: batched(Jobs.retry),

    find: (ids) => Effect.sync(() => ids.map((id) => MemoryState.findJob(state, id))),
    list: (filter) => Effect.sync(() => Jobs.list(state, filter)),
    version: (id) => Effect.sync(() => MemoryState.findJob(state, id)?.version ?? null),
    history: (id) => Effect.sync(() => state.histories.get(id) ?? null),
    findAttempt: (job, attempt) =>
      Effect.sync(() => state.histories.get(job)?.attempts.find(({ id }) => id === attempt) ?? null),
    progressSince: (attempt, after, limit) =>
      Effect.sync(() => Log.progressSince(state, attempt, after, limit)),
    readLog: (job, start, end) => Effect.sync(() => Log.readLog(state, job, start, end)),
    trimLog: (job, cap) => Effect.sync(() => Log.trimLog(state, job, cap)),

    pendingGroups: Effect.sync(() => [
      ...new Map([...state.byStatus.pending.values()].map(({ group }) => [group.id, group])).values()
    ]),
    overdue: (limit) => step((now) => Duties.overdue(state, now, limit)),
    promote: (limit) => step((now) => Duties.promote(state, now, limit)),
    expire: (limit) => step((now) => Duties.expire(state, now, limit)),
    forgetKeys: (limit) => step((now) => Duties.forgetKeys(state, now, limit)),
    ping: Effect.void
  })
})
