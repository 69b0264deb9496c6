/** What workers have made of their jobs and how many they hold, as this server knows, for those who give them jobs. */
import { Context, Duration, Effect, Latch, Layer } from "effect"
import { EventHub } from "../events/EventHub.ts"
import { endedWith } from "../events/eventsOf.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import { retryForever } from "../retryForever.ts"
import type { Seeker } from "../matching/Ranking.ts"
import { noRecord, recordOf, type WorkRecord } from "../matching/Score.ts"
import { setRecent } from "../setRecent.ts"
import { medianOf, type Worker } from "./Worker.ts"
import { workOf } from "./WorkerActivity.ts"
import { WorkerRepo } from "./WorkerRepo.ts"

/** At most this many workers are known. Those that asked for jobs longest ago are forgotten. */
const mostKnown = 10_000
/** At most this many workers are read from the store at once. */
const largestBatch = 500
/** How often workers that ask for jobs are read from the store, for what they did at other servers. */
const refreshPeriod = Duration.seconds(10)

/** What is known of a worker. */
interface Known {
  running: number
  readonly work: Map<string, WorkRecord>
  /** The same as numbers, as long as nothing has changed. */
  records: ReadonlyMap<string, number> | null
  /** Whether it has asked for jobs since the store was asked about it. */
  isAsking: boolean
}

const nothingKnown = (): Known => ({ running: 0, work: new Map(), records: null, isAsking: false })

const toWorkRecord = ({ done, failed, lost, medianRun }: Worker["record"][number]): WorkRecord => ({
  done,
  failed: failed + lost,
  medianRun: medianRun === null ? null : Duration.toMillis(medianRun)
})

export class WorkerRecords extends Context.Service<
  WorkerRecords,
  {
    /** What is known of a worker that asks for jobs. The store is asked about it, for the next time. */
    readonly of: (worker: string) => Pick<Seeker, "records" | "running">
    /** The records of somebody, as numbers, beside those of the workers that are known. */
    readonly rate: (record: Worker["record"]) => ReadonlyMap<string, number>
  }
>()("lazyboss/domain/workers/WorkerRecords") {
  static readonly layer = Layer.effect(
    WorkerRecords,
    Effect.gen(function* () {
      const repo = yield* WorkerRepo
      const hub = yield* EventHub
      // In the order in which they have last asked.
      const known = new Map<string, Known>()
      let typicalRuns = new Map<string, number>()
      const areAsking = yield* Latch.make(false)

      const rate = (work: ReadonlyMap<string, WorkRecord>) =>
        new Map([...work].map(([type, record]) => [type, recordOf(record, typicalRuns.get(type) ?? null)]))

      const remember = (worker: string): Known => {
        const found = known.get(worker) ?? nothingKnown()
        setRecent(known, worker, found, mostKnown)
        return found
      }

      const noteTypicalRuns = () => {
        const runs = new Map<string, Array<Duration.Duration>>()
        for (const { work } of known.values()) {
          for (const [type, { medianRun }] of work) {
            if (medianRun === null) continue
            const ofType = runs.get(type) ?? []
            ofType.push(Duration.millis(medianRun))
            runs.set(type, ofType)
          }
        }
        typicalRuns = new Map(
          [...runs].flatMap(([type, ofType]) => {
            const median = medianOf(ofType)
            return median === null ? [] : [[type, Duration.toMillis(median)] as const]
          })
        )
        for (const one of known.values()) one.records = null
      }

      const refresh = Effect.gen(function* () {
        areAsking.closeUnsafe()
        const asking = [...known].filter(([, { isAsking }]) => isAsking)
        const batch = asking.slice(-largestBatch).map(([worker]) => worker)
        for (const { name, record, running } of yield* repo.find(batch)) {
          const one = known.get(name)
          if (one === undefined) continue
          one.running = running.length
          one.work.clear()
          for (const ofType of record) one.work.set(ofType.type, toWorkRecord(ofType))
        }
        for (const worker of batch) {
          const one = known.get(worker)
          if (one !== undefined) one.isAsking = false
        }
        noteTypicalRuns()
        if (asking.length > batch.length) areAsking.openUnsafe()
      })

      const count = (attempt: ChangedJob["attempt"], change: 1 | -1) => {
        const one = attempt === null ? undefined : known.get(attempt.worker)
        if (one !== undefined) one.running = Math.max(0, one.running + change)
      }

      const credit = (job: ChangedJob) => {
        const work = workOf(job)
        const one = work === null ? undefined : known.get(work.worker)
        if (work === null || one === undefined) return
        const { done, failed, medianRun } = one.work.get(work.type) ?? noRecord
        // How long it took is known when the store is asked again.
        one.work.set(work.type, {
          done: done + work.done,
          failed: failed + work.failed + work.lost,
          medianRun
        })
        one.records = null
      }

      yield* hub.listen((jobs, change) => {
        for (const job of jobs) {
          if (change === "assigned") count(job.attempt, 1)
          if (change === "ended") {
            count(job.attempt, -1)
            credit(job)
          }
          // That a job has expired says nothing of its worker, but that it holds it no longer.
          if (change === "expired") count(endedWith(job), -1)
        }
      })
      yield* areAsking.await.pipe(
        Effect.andThen(retryForever("look up the records of workers", refresh)),
        Effect.andThen(Effect.sleep(refreshPeriod)),
        Effect.forever,
        Effect.forkScoped
      )

      return WorkerRecords.of({
        of: (worker) => {
          const one = remember(worker)
          one.isAsking = true
          areAsking.openUnsafe()
          one.records ??= rate(one.work)
          return { records: one.records, running: one.running }
        },
        rate: (record) => rate(new Map(record.map((ofType) => [ofType.type, toWorkRecord(ofType)])))
      })
    })
  )
}
