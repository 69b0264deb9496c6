/** Jobs in the store in memory. */
import { type DateTime, Effect, Layer } from "effect"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import * as Attempts from "./MemoryAttempts.ts"
import { claim as claimJobs, outlook } from "./MemoryClaims.ts"
import * as Duties from "./MemoryDuties.ts"
import * as Jobs from "./MemoryJobs.ts"
import * as Log from "./MemoryLog.ts"
import * as MemoryState from "./MemoryState.ts"

export const layer = Layer.effect(
  JobRepo,
  Effect.gen(function* () {
    const state = yield* MemoryState.Memory

    // One item of a batch sees what the items before it did.
    const batched =
      <A, B>(one: (state: MemoryState.MemoryState, now: DateTime.Utc, item: A) => B) =>
      (batch: ReadonlyArray<A>): Effect.Effect<ReadonlyArray<B>> =>
        MemoryState.step((now) => batch.map((item) => one(state, now, item)))

    return JobRepo.of({
      insert: batched(Jobs.submit),
      claim: (claim) => MemoryState.step((now) => claimJobs(state, now, claim)),
      end: batched(Attempts.end),
      renew: batched(Attempts.renew),
      recordProgress: batched(Attempts.recordProgress),
      cancel: batched(Jobs.cancel),
      retry: batched(Jobs.retry),
      amend: batched(Jobs.amend),

      find: (ids) => Effect.sync(() => ids.map((id) => MemoryState.findJob(state, id))),
      list: (filter) => Effect.sync(() => Jobs.list(state, filter)),
      heldBy: (worker, limit) => Effect.sync(() => Jobs.heldBy(state, worker, limit)),
      version: (id) => Effect.sync(() => MemoryState.findJob(state, id)?.version ?? null),
      outlook: (question) => MemoryState.step((now) => outlook(state, now, question)),
      history: (id) => Effect.sync(() => state.histories.get(id) ?? null),
      findAttempt: (job, attempt) =>
        Effect.sync(() => state.histories.get(job)?.attempts.find(({ id }) => id === attempt) ?? null),
      findCancellation: (job, attempt) =>
        MemoryState.step((now) => Attempts.findCancellation(state, now, job, attempt)),
      progressSince: (attempt, after, limit) =>
        Effect.sync(() => Log.progressSince(state, attempt, after, limit)),
      readLog: (job, start, end) => Effect.sync(() => Log.readLog(state, job, start, end)),
      trimLog: (job, cap) => Effect.sync(() => Log.trimLog(state, job, cap)),

      pendingGroups: Effect.sync(() =>
        [...state.pendingOf.values()].flatMap((jobs) =>
          [...jobs.values()].slice(0, 1).map(({ group }) => group)
        )
      ),
      groups: (ids) => Effect.sync(() => [...state.groups.values()].filter(({ id }) => ids.includes(id))),
      overdue: (limit) => MemoryState.step((now) => Duties.overdue(state, now, limit)),
      promote: (limit) => MemoryState.step((now) => Duties.promote(state, now, limit)),
      expire: (limit) => MemoryState.step((now) => Duties.expire(state, now, limit)),
      unclaimed: (waitsOf, limit) => MemoryState.step((now) => Duties.unclaimed(state, now, waitsOf, limit)),
      relaxed: (waitsOf, limit) => MemoryState.step((now) => Duties.relaxed(state, now, waitsOf, limit)),
      forgetKeys: (limit) => MemoryState.step((now) => Duties.forgetKeys(state, now, limit)),
      ping: Effect.void
    })
  })
)
