/** Group commit: single writes of many callers go to the store as batches. While one is written, the next one gathers. */
import { Array as Arr, Deferred, Effect, Exit, Option, Queue, type Tracer } from "effect"
import { isTraced } from "./isTraced.ts"
import { isStoreUnavailable, StoreUnavailable } from "./StoreUnavailable.ts"

interface Waiting<A, B> {
  readonly item: A
  readonly answer: Deferred.Deferred<B>
  /** What the caller is doing, if that is traced. */
  readonly span: Option.Option<Tracer.AnySpan>
}

export interface Options<A, B> {
  /** A batch of this size takes no further item. */
  readonly enough: number
  /** How much an item adds to the size of a batch; 1 unless this says otherwise. */
  readonly sizeOf?: (item: A) => number
  readonly write: (batch: Arr.NonEmptyReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>>
  /** Publishes what was written, before the callers are answered. */
  readonly tell?: (batch: Arr.NonEmptyReadonlyArray<A>, results: ReadonlyArray<B>) => Effect.Effect<void>
}

/** How many callers may be queued; any more wait for room in the queue. */
const backlog = 10_000

const stopped = Exit.die(new StoreUnavailable({ cause: new Error("the server is stopping") }))

/** At most this many callers' spans are linked to the span of a batch. */
const mostLinks = 32

// A batch is a part of what its first caller does, and is linked to what the others do.
const spanOf = (
  batch: Arr.NonEmptyReadonlyArray<Pick<Waiting<unknown, unknown>, "span">>
): Tracer.SpanOptions => {
  const [parent, ...others] = Arr.getSomes(batch.map(({ span }) => span))
  return {
    ...(parent === undefined ? { root: true } : { parent }),
    links: others.slice(0, mostLinks).map((span) => ({ span, attributes: {} })),
    attributes: { "batch.size": batch.length }
  }
}

// Whether one item may have failed the whole batch: not if the store was unavailable, which would fail each of them too.
const mayBePoison = (exit: Exit.Exit<unknown>) => Exit.isFailure(exit) && !isStoreUnavailable(exit.cause)

/**
 * Makes a write of one item of a write of a batch. There is no timer: an item that comes alone is written at once. The
 * answer comes after the batch has committed.
 *
 * When a batch fails, its items are written one by one, so that an item which cannot be stored fails for its own caller only.
 * When the scope closes, the batch under way is finished, and callers that are still queued die with `StoreUnavailable`.
 */
export const make = Effect.fnUntraced(function* <A, B>({
  enough,
  sizeOf = () => 1,
  tell = () => Effect.void,
  write
}: Options<A, B>) {
  const isWatched = yield* isTraced
  const queue = yield* Queue.bounded<Waiting<A, B>>(backlog)
  let isStopped = false

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

  const writeTogether = Effect.fnUntraced(function* (batch: Arr.NonEmptyReadonlyArray<Waiting<A, B>>) {
    const items = Arr.map(batch, ({ item }) => item)
    const writing = write(items)
    const exit = yield* Effect.exit(
      isWatched ? Effect.withSpan(writing, "group commit", spanOf(batch)) : writing
    )
    if (batch.length > 1 && mayBePoison(exit)) return false
    if (Exit.isSuccess(exit)) {
      yield* Effect.catchCause(tell(items, exit.value), (cause) =>
        Effect.logError("what was written could not be told", cause)
      )
    }
    settle(batch, exit)
    return true
  })

  const gatherFrom = (first: Waiting<A, B>): Arr.NonEmptyArray<Waiting<A, B>> => {
    const batch: Arr.NonEmptyArray<Waiting<A, B>> = [first]
    let size = sizeOf(first.item)
    while (size < enough) {
      const next = Queue.takeUnsafe(queue)
      if (next === undefined || Exit.isFailure(next)) break
      batch.push(next.value)
      size += sizeOf(next.value.item)
    }
    return batch
  }

  const writeNext = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const first = yield* restore(Queue.take(queue))
      // What has arrived by now but was not yet looked at comes along.
      yield* Effect.yieldNow
      const batch = gatherFrom(first)
      if (yield* writeTogether(batch)) return
      for (const waiting of batch) yield* writeTogether([waiting])
    })
  )
  yield* Effect.forkScoped(Effect.forever(writeNext))
  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      isStopped = true
      let left: ReadonlyArray<Waiting<A, B>>
      do {
        // What is cleared makes room for who waited to be let in.
        left = yield* Queue.clear(queue)
        for (const { answer } of left) Deferred.doneUnsafe(answer, stopped)
      } while (left.length > 0)
    })
  )

  return (item: A): Effect.Effect<B> =>
    Effect.suspend(() => {
      if (isStopped) return stopped
      const answer = Deferred.makeUnsafe<B>()
      const enter = (span: Option.Option<Tracer.AnySpan>) => {
        const waiting = { item, answer, span }
        // There is nearly always room, and then nothing to wait for.
        const isIn = Queue.offerUnsafe(queue, waiting)
        return isIn
          ? Deferred.await(answer)
          : Effect.andThen(Queue.offer(queue, waiting), Deferred.await(answer))
      }
      return isWatched ? Effect.flatMap(Effect.option(Effect.currentParentSpan), enter) : enter(Option.none())
    })
})
