/** Write-behind buffer: who was heard of at this server and what came of attempts that ended here, stored together after a while. */
import { DateTime, Duration, Effect, Latch, Semaphore } from "effect"
import { EventFeed } from "../events/EventFeed.ts"
import { EventHub } from "../events/EventHub.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import type { Suitability } from "../matching/Matching.ts"
import { retryForever } from "../retryForever.ts"
import { recentRuns } from "./Worker.ts"
import { keyOf, type WorkDone, WorkerRepo } from "./WorkerRepo.ts"

/** How long activity is gathered before it is stored: one write for all workers of this server. */
const gathering = Duration.seconds(2)
/** At most this many workers go into one write, and this many are buffered; what comes on top of that is lost. */
const largestBatch = 1_000
const mostBuffered = 10_000

// If the clock was set back meanwhile, nobody knows how long it was; less than nothing would spoil the record.
const runOf = (startedAt: DateTime.Utc, endedAt: DateTime.Utc): Duration.Duration =>
  Duration.max(Duration.zero, DateTime.distance(startedAt, endedAt))

/** What came of an attempt that has ended; null if it says nothing of its worker. */
export const workOf = ({ attempt, group: { type } }: ChangedJob): WorkDone | null => {
  if (attempt === null) return null
  const none: WorkDone = { worker: attempt.worker, type, done: 0, failed: 0, lost: 0, runs: [] }
  switch (attempt.outcome) {
    case "done":
      return {
        ...none,
        done: 1,
        runs: attempt.endedAt === null ? [] : [runOf(attempt.startedAt, attempt.endedAt)]
      }
    case "failed":
    case "timed-out":
      return { ...none, failed: 1 }
    case "lost":
      return { ...none, lost: 1 }
    default:
      return null
  }
}

/** The sum of both. The runs of the later one come first, for they are the newer ones. */
const sumOf = (earlier: WorkDone, later: WorkDone): WorkDone => ({
  ...later,
  done: earlier.done + later.done,
  failed: earlier.failed + later.failed,
  lost: earlier.lost + later.lost,
  runs: [...later.runs, ...earlier.runs].slice(0, recentRuns)
})

/** Makes the buffer. It is written `gathering` after there is something in it, and once more when the scope closes. */
export const make = Effect.gen(function* () {
  const repo = yield* WorkerRepo
  const hub = yield* EventHub
  const feed = yield* EventFeed

  const seen = new Map<string, Suitability | null>()
  const done = new Map<string, WorkDone>()
  const isPending = yield* Latch.make(false)

  const saw = (worker: string, suitability: Suitability | null): void => {
    if (seen.size >= mostBuffered && !seen.has(worker)) return
    seen.set(worker, suitability ?? seen.get(worker) ?? null)
    isPending.openUnsafe()
  }

  const keepWork = (key: string, work: WorkDone): void => {
    if (!done.has(key) && done.size >= mostBuffered) return
    done.set(key, work)
    isPending.openUnsafe()
  }
  const didWork = (work: WorkDone): void => {
    const key = keyOf(work)
    const before = done.get(key)
    keepWork(key, before === undefined ? work : sumOf(before, work))
  }
  const putBack = (work: WorkDone): void => {
    const key = keyOf(work)
    const since = done.get(key)
    keepWork(key, since === undefined ? work : sumOf(work, since))
  }

  yield* hub.listen((jobs, change) => {
    if (change !== "ended") return
    for (const job of jobs) {
      const work = workOf(job)
      if (work !== null) didWork(work)
    }
  })

  const writeSightings = Effect.gen(function* () {
    const sightings = [...seen].slice(0, largestBatch)
    if (sightings.length === 0) return
    const appeared = yield* repo.see(sightings.map(([worker, suitability]) => ({ worker, suitability })))
    for (const [worker, suitability] of sightings) {
      if (seen.get(worker) === suitability) seen.delete(worker)
    }
    yield* Effect.forEach(appeared, (worker) => feed.tell({ event: "worker.seen", worker }), {
      discard: true
    })
  })

  // Taken out before the write, so that what ends meanwhile is counted apart, for the next one.
  const writeWork = Effect.gen(function* () {
    const work = [...done.values()].slice(0, largestBatch)
    if (work.length === 0) return
    for (const one of work) done.delete(keyOf(one))
    yield* Effect.onError(repo.credit(work), () => Effect.sync(() => work.forEach(putBack)))
  })

  // Whoever asks may go away at any moment, and another may ask meanwhile: a batch is written whole, and one at a time.
  const oneAtATime = yield* Semaphore.make(1)
  const writeBatch = Effect.suspend(() => {
    isPending.closeUnsafe()
    return Effect.andThen(writeSightings, writeWork)
  }).pipe(
    // What could not be written, or came in addition, is still to be written.
    Effect.ensuring(
      Effect.sync(() => {
        if (seen.size + done.size > 0) isPending.openUnsafe()
      })
    ),
    Effect.uninterruptible,
    oneAtATime.withPermit
  )

  // What is buffered while this runs need not be waited for.
  const write = Effect.suspend(() =>
    Effect.repeat(writeBatch, {
      times: Math.floor(Math.max(seen.size - 1, done.size - 1, 0) / largestBatch)
    })
  )

  yield* isPending.await.pipe(
    Effect.andThen(Effect.sleep(gathering)),
    Effect.andThen(retryForever("write down which workers are there", writeBatch)),
    Effect.forever,
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() => Effect.catchCause(write, () => Effect.void))

  return {
    /** Buffers that a worker was heard of, and what it asked for; null if it asked for nothing. */
    saw,
    /** Stores all that is buffered now. */
    write
  }
})
