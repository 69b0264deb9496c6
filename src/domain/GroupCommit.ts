/** Gathers the single writes of many callers into batches: while one batch is written, the next one gathers. */
import { Array as Arr, Cause, Deferred, Effect, Exit, Queue } from "effect"
import { StoreUnavailable } from "./JobRepo.ts"

interface Waiting<A, B> {
  readonly item: A
  readonly answer: Deferred.Deferred<B>
}

/** Callers that may wait for their turn; any more wait to be let in. */
const backlog = 10_000

/**
 * Makes a write of one item of a write of a batch. There is no timer: an item that comes alone is written at once. The
 * answer comes after the batch has committed. At most `maximum` items go into one batch.
 *
 * When a batch dies of what is in it, its items are written one by one, so that one caller's poison is not another's.
 */
export const make = Effect.fnUntraced(function* <A, B>(
  maximum: number,
  write: (batch: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>>
) {
  const queue = yield* Queue.bounded<Waiting<A, B>>(backlog)

  const settle = (batch: Arr.NonEmptyReadonlyArray<Waiting<A, B>>, exit: Exit.Exit<ReadonlyArray<B>>) => {
    batch.forEach(({ answer }, index) => {
      if (Exit.isFailure(exit)) return Deferred.doneUnsafe(answer, Exit.failCause(exit.cause))
      const result = exit.value[index]
      return Deferred.doneUnsafe(
        answer,
        result === undefined ? Exit.die(new Error("a batch had too few results")) : Exit.succeed(result)
      )
    })
  }

  const writeTogether = (batch: Arr.NonEmptyReadonlyArray<Waiting<A, B>>) =>
    Effect.exit(write(Arr.map(batch, ({ item }) => item)))

  const mayBePoison = (exit: Exit.Exit<unknown>) =>
    Exit.isFailure(exit) && !(Cause.squash(exit.cause) instanceof StoreUnavailable)

  const writeNext = Effect.gen(function* () {
    const taken = yield* Queue.takeBetween(queue, 1, maximum)
    if (!Arr.isArrayNonEmpty(taken)) return
    const exit = yield* writeTogether(taken)
    if (taken.length === 1 || !mayBePoison(exit)) return settle(taken, exit)
    for (const waiting of taken) settle([waiting], yield* writeTogether([waiting]))
  })
  yield* Effect.forkScoped(Effect.forever(writeNext))

  return (item: A): Effect.Effect<B> =>
    Effect.suspend(() => {
      const answer = Deferred.makeUnsafe<B>()
      return Effect.andThen(Queue.offer(queue, { item, answer }), Deferred.await(answer))
    })
})
