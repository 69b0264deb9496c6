/** How things stand: put together from the counts that the store keeps and from what this server measures. */
import { Clock, Context, DateTime, Duration, Effect, Latch, Layer, Schema, Semaphore } from "effect"
import { CountsRepo } from "./CountsRepo.ts"
import { Dispatcher } from "../dispatching/Dispatcher.ts"
import { TypeNotFound } from "../Errors.ts"
import { byType, countsOf, totalsOf } from "./Flow.ts"
import * as Histogram from "./Histogram.ts"
import { Measures } from "./Measures.ts"
import { retryForever } from "../retryForever.ts"
import * as Samples from "./Samples.ts"
import { type Spread, StatsSnapshot, strangerStats, type TypeStats } from "./StatsSnapshot.ts"
import { StatsSlot } from "./StatsSource.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import { version } from "../version.ts"

/** At most this many types are listed. */
export const mostTypes = 1_000
/** How long a snapshot is reused, and how often a sample is taken while somebody asks. */
const freshness = Duration.seconds(1)
/** Sampling stops when nobody has asked for this long. */
const attention = Duration.minutes(2)

const spreadOf = (histogram: Histogram.Histogram): Spread | null => {
  const p50 = Histogram.quantile(histogram, 0.5)
  const p95 = Histogram.quantile(histogram, 0.95)
  return p50 === null || p95 === null ? null : { p50: Duration.seconds(p50), p95: Duration.seconds(p95) }
}

export class Stats extends Context.Service<
  Stats,
  {
    /** How things stand, or stood less than a second ago. */
    readonly snapshot: Effect.Effect<StatsSnapshot>
    /** How it stands with a type, or would if there had been a job of it. */
    readonly of: (type: string) => Effect.Effect<TypeStats>
    /** How it stands with a type of which there was a job, or whose policy says something itself. */
    readonly find: (type: string) => Effect.Effect<TypeStats, TypeNotFound>
  }
>()("lazyboss/domain/stats/Stats") {
  static readonly layer = Layer.effect(
    Stats,
    Effect.gen(function* () {
      const counts = yield* CountsRepo
      const policies = yield* SupervisorPolicy
      const dispatcher = yield* Dispatcher
      const measures = yield* Measures
      const clock = yield* Clock.Clock

      const samples = Samples.make()
      const oneAtATime = yield* Semaphore.make(1)
      const isAsked = yield* Latch.make(false)
      let latest: { readonly at: number; readonly snapshot: StatsSnapshot } | null = null
      let askedAt = 0

      const monotonic = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)

      const take = Effect.gen(function* () {
        const flows = yield* counts.flows(mostTypes)
        const flowsByType = byType(flows)
        const types = [...flowsByType.keys()].filter((type) => type !== null)
        const oldest = new Map((yield* counts.oldestPending(types)).map(({ runAt, type }) => [type, runAt]))
        const at = monotonic()
        const sample: Samples.Sample = {
          at,
          types: new Map([...flowsByType].map(([type, flows]) => [type, totalsOf(flows)])),
          total: totalsOf(flows)
        }
        samples.add(sample)
        const past = samples.oldest(at) ?? sample
        const elapsed = at - past.at

        const statsOf = Effect.fnUntraced(function* (type: string): Effect.fn.Return<TypeStats> {
          const flows = flowsByType.get(type) ?? []
          const totals = totalsOf(flows)
          const { concurrency, paused } = policies.of(type)
          return {
            type,
            counts: countsOf(flows),
            totals,
            ...Samples.paceOf(Samples.totalsIn(past, type), totals, elapsed),
            paused,
            concurrency,
            oldestPending: oldest.get(type) ?? null
          }
        })

        const now = yield* DateTime.now
        const millis = DateTime.toEpochMillis(now)
        const snapshot: StatsSnapshot = {
          at: now,
          types: yield* Effect.forEach(types, statsOf),
          truncated: flowsByType.has(null),
          total: {
            counts: countsOf(flows),
            totals: sample.total,
            ...Samples.paceOf(past.total, sample.total, elapsed)
          },
          version,
          uptime: Duration.millis(Math.max(0, millis - measures.startedAt)),
          vacancies: yield* dispatcher.waiting,
          wait: spreadOf(measures.recent.wait.read(millis)),
          run: spreadOf(measures.recent.run.read(millis)),
          streams: { ...measures.streams }
        }
        latest = { at, snapshot }
        return snapshot
      })

      const refresh = oneAtATime.withPermit(
        Effect.suspend(() =>
          latest !== null && monotonic() - latest.at < Duration.toMillis(freshness)
            ? Effect.succeed(latest.snapshot)
            : take
        )
      )

      const sampleWhileAsked = Effect.gen(function* () {
        yield* isAsked.await
        yield* Effect.sleep(freshness)
        if (monotonic() - askedAt > Duration.toMillis(attention)) isAsked.closeUnsafe()
        else yield* retryForever("take a sample of the counts", refresh)
      })
      yield* Effect.forkScoped(Effect.forever(sampleWhileAsked))

      const snapshot = Effect.suspend(() => {
        askedAt = monotonic()
        isAsked.openUnsafe()
        return refresh
      })

      const look = Effect.fnUntraced(function* (type: string) {
        const { truncated, types } = yield* snapshot
        return {
          counted: types.find((one) => one.type === type),
          truncated,
          policy: yield* policies.find(type)
        }
      })

      return Stats.of({
        snapshot,
        of: (type) =>
          Effect.map(look(type), ({ counted, policy }) => counted ?? strangerStats(type, policy.effective)),
        find: Effect.fnUntraced(function* (type) {
          const { counted, policy, truncated } = yield* look(type)
          if (counted !== undefined) return counted
          if (Object.keys(policy.own).length > 0) return strangerStats(type, policy.effective)
          const others = truncated ? `, or it is not among the ${mostTypes} busiest` : ""
          return yield* new TypeNotFound({ detail: `there never was a job of this type${others}` })
        })
      })
    })
  )
}

const encodeSnapshot = Schema.encodeEffect(StatsSnapshot)

/** Lets the feed of events tell the snapshot to its readers. */
export const toldByFeed = Layer.effectDiscard(
  Effect.gen(function* () {
    const { snapshot } = yield* Stats
    const slot = yield* StatsSlot
    yield* slot.fill(Effect.flatMap(snapshot, (taken) => Effect.orDie(encodeSnapshot(taken))))
  })
)
