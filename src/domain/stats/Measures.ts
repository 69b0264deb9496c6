/** What this server measures of its own work, by adding up in memory: it costs next to nothing, and nothing is written. */
import { Clock, Context, DateTime, Effect, Layer, Stream } from "effect"
import type { Outcome } from "../attempts/Attempt.ts"
import { EventHub } from "../events/EventHub.ts"
import * as Histogram from "./Histogram.ts"
import type { ChangedJob } from "../jobs/Job.ts"

/** Answers that go on: to followers of a job, readers of all events, workers that tell of progress, and that claim. */
export type StreamKind = "followers" | "events" | "progress" | "claims"

/** At most this many types are measured apart. All that come later share one label, so that metrics stay bounded. */
export const mostTypes = 100
export const otherTypes = "other"

/** In seconds. */
const spans = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200]

/** For what is recent so fine that what is read from it is at most an eighth too large. From 5 ms to more than a day. */
const fineSpans = Array.from({ length: 144 }, (_, place) => 0.005 * 1.125 ** place)

/** What counts as recent, in milliseconds. */
const window = 60_000

/** What was done of the jobs of a type. */
export interface TypeMeasures {
  /** From when a job was due until it was given to a worker, in seconds. */
  readonly wait: Histogram.Histogram
  /** From the beginning of an attempt to its end, in seconds. */
  readonly run: Histogram.Histogram
  readonly attempts: Map<Outcome, number>
}

export class Measures extends Context.Service<
  Measures,
  {
    /** When this server began, in milliseconds since the epoch. */
    readonly startedAt: number
    /** The name under which a type is measured: its own, or that of all others. It never changes. */
    readonly labelOf: (type: string) => string
    readonly types: ReadonlyMap<string, TypeMeasures>
    /** Waits and runs of the last one to two minutes. */
    readonly recent: { readonly wait: Histogram.Recent; readonly run: Histogram.Recent }
    readonly streams: { readonly [Kind in StreamKind]: number }
    /** Counts a stream as open while it is read. */
    readonly whileOpen: (
      kind: StreamKind
    ) => <A, E, R>(stream: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  }
>()("lazyboss/domain/stats/Measures") {
  static readonly layer = Layer.effect(
    Measures,
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const hub = yield* EventHub
      const types = new Map<string, TypeMeasures>()
      const recent = {
        wait: Histogram.makeRecent(fineSpans, window),
        run: Histogram.makeRecent(fineSpans, window)
      }
      const streams = { followers: 0, events: 0, progress: 0, claims: 0 }

      const newMeasures = (label: string): TypeMeasures => {
        const measures = {
          wait: Histogram.make(spans),
          run: Histogram.make(spans),
          attempts: new Map<Outcome, number>()
        }
        types.set(label, measures)
        return measures
      }
      newMeasures(otherTypes)

      const labelOf = (type: string) => {
        if (types.has(type)) return type
        if (types.size > mostTypes) return otherTypes
        newMeasures(type)
        return type
      }
      const measuresOf = ({ group }: ChangedJob) => {
        const label = labelOf(group.type)
        return types.get(label) ?? newMeasures(label)
      }

      const seconds = (start: DateTime.Utc, end: DateTime.Utc) =>
        Math.max(0, DateTime.toEpochMillis(end) - DateTime.toEpochMillis(start)) / 1_000

      const assigned = (job: ChangedJob, now: number) => {
        if (job.attempt === null) return
        const wait = seconds(job.runAt, job.attempt.startedAt)
        Histogram.observe(measuresOf(job).wait, wait)
        recent.wait.observe(wait, now)
      }

      const ended = (job: ChangedJob, now: number) => {
        const { attempt } = job
        if (attempt === null || attempt.endedAt === null || attempt.outcome === null) return
        const measures = measuresOf(job)
        const run = seconds(attempt.startedAt, attempt.endedAt)
        Histogram.observe(measures.run, run)
        recent.run.observe(run, now)
        measures.attempts.set(attempt.outcome, (measures.attempts.get(attempt.outcome) ?? 0) + 1)
      }

      // An expired job does not tell whether its last attempt ended just now, so that attempts which an expiry ends are not
      // among those that are measured.
      yield* hub.listen((jobs, change) => {
        if (change !== "assigned" && change !== "ended") return
        const now = clock.currentTimeMillisUnsafe()
        const measure = change === "assigned" ? assigned : ended
        for (const job of jobs) measure(job, now)
      })

      return Measures.of({
        startedAt: clock.currentTimeMillisUnsafe(),
        labelOf,
        types,
        recent,
        streams,
        whileOpen: (kind) => (stream) =>
          Stream.unwrap(
            Effect.as(
              Effect.acquireRelease(
                Effect.sync(() => (streams[kind] += 1)),
                () => Effect.sync(() => (streams[kind] -= 1))
              ),
              stream
            )
          )
      })
    })
  )
}
