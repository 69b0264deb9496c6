/**
 * Retries and cancels many jobs in the background: one batch at a time, by whichever server takes its turn.
 *
 * A batch is done before the action's cursor is moved. A server that dies in between leaves the batch to be repeated by
 * another when its turn is over, and so may one that is too slow. That does no harm: what was retried is no longer failed, and
 * if it has failed again it did so after the action was asked for; what was cancelled is finished, and a worker that is asked
 * to stop twice gets no more time. Only the count of what was done may lack what the first one did.
 */
import { Context, Duration, Effect, Layer, Queue } from "effect"
import { SecureRandom } from "effect/crypto"
import { type BulkActionRecord, type BulkForecast, type NewBulkAction, spellOut } from "./BulkAction.ts"
import { type BulkActionInsert, BulkActionRepo, type BulkPage } from "./BulkActionRepo.ts"
import { BulkActionNotFound } from "../Errors.ts"
import { EventHub } from "../events/EventHub.ts"
import { BulkActionId } from "../Identifiers.ts"
import { JobRepo } from "./JobRepo.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"

/** At most this many jobs are retried or cancelled in one batch. */
const largestBatch = 250
/** The pause between batches, so that workers are not held up. */
const rest = Duration.millis(10)
/** How long a server may take for a batch before another one repeats it. */
const turn = Duration.seconds(15)

export class BulkActions extends Context.Service<
  BulkActions,
  {
    /** Begins to retry or cancel all jobs that fit. `by` is whoever asks, and `reason` why they are cancelled. */
    readonly ask: (
      wish: NewBulkAction,
      by: string | null,
      reason?: string | null
    ) => Effect.Effect<BulkActionRecord>
    /** The same where the action is stored together with something else, by `store`. */
    readonly askWith: <A>(
      wish: NewBulkAction,
      by: string | null,
      reason: string | null,
      store: (action: BulkActionInsert) => Effect.Effect<A>
    ) => Effect.Effect<A>
    /** Counts the jobs that would be meant now, and does nothing. */
    readonly forecast: (wish: NewBulkAction) => Effect.Effect<typeof BulkForecast.Type>
    readonly find: (id: BulkActionId) => Effect.Effect<BulkActionRecord, BulkActionNotFound>
    /** Does a batch. `next` is the time until there may be another, null if nothing is known. */
    readonly step: Effect.Effect<{ readonly count: number; readonly next: Duration.Duration | null }>
    /** Waits until an action is asked for at this server. For the one duty that does them. */
    readonly asked: Effect.Effect<void>
  }
>()("lazyboss/domain/jobs/BulkActions") {
  static readonly layer = Layer.effect(
    BulkActions,
    Effect.gen(function* () {
      const repo = yield* BulkActionRepo
      const jobs = yield* JobRepo
      const hub = yield* EventHub
      const policies = yield* SupervisorPolicy
      const random = yield* SecureRandom.SecureRandom
      const asked = yield* Queue.sliding<void>(1)

      const retry = Effect.fnUntraced(function* (_: BulkActionRecord, page: BulkPage) {
        const retried = yield* jobs.retry(page.jobs.map(({ id }) => id))
        return { change: "retried" as const, changed: retried }
      })

      const cancel = Effect.fnUntraced(function* ({ by, reason }: BulkActionRecord, page: BulkPage) {
        const cancellations = page.jobs.map(({ id, type }) => ({
          job: id,
          grace: policies.of(type).cancelGrace,
          request: { by, reason }
        }))
        return { change: "cancelled" as const, changed: yield* jobs.cancel(cancellations) }
      })

      const decide = { retry, cancel }

      const doBatch = Effect.fnUntraced(function* (action: BulkActionRecord) {
        const page = yield* repo.look(action, largestBatch)
        const { changed, change } = yield* decide[action.action](action, page)
        const done = changed.filter((job) => job !== null)
        if (done.length > 0) {
          yield* hub.publish(
            change,
            done,
            done.map(() => ({ by: action.by, error: null }))
          )
        }
        yield* repo.advance(action, page, done.length)
      })

      const askWith: BulkActions["Service"]["askWith"] = Effect.fnUntraced(
        function* (wish, by, reason, store) {
          const id = BulkActionId.make(yield* random.uuidV7())
          const stored = yield* store({ ...spellOut(wish), id, by, reason })
          Queue.offerUnsafe(asked, undefined)
          return stored
        }
      )

      return BulkActions.of({
        ask: (wish, by, reason = null) => askWith(wish, by, reason, repo.add),

        askWith,

        forecast: (wish) => {
          const meant = spellOut(wish)
          return Effect.map(repo.count(meant), (matched) => ({ ...meant, dryRun: true as const, matched }))
        },

        find: Effect.fnUntraced(function* (id) {
          return (
            (yield* repo.find(id)) ??
            (yield* new BulkActionNotFound({ detail: "no bulk action has this id" }))
          )
        }),

        step: Effect.gen(function* () {
          const { done: taken, next } = yield* repo.take(turn)
          yield* Effect.forEach(taken, doBatch, { discard: true })
          return { count: taken.length, next: taken.length > 0 ? rest : next }
        }),

        asked: Queue.take(asked)
      })
    })
  )
}
