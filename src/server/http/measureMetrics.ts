/** What this server measures of its own work, as metrics. */
import { Outcome } from "../../domain/attempts/Attempt.ts"
import type { Histogram } from "../../domain/stats/Histogram.ts"
import type { Measures } from "../../domain/stats/Measures.ts"
import type { StoreMeasures } from "../../domain/stats/StoreMeasures.ts"
import { family, histograms, type Labels, type Sample } from "./Exposition.ts"

const byOperation = (measured: ReadonlyMap<string, Histogram>): ReadonlyArray<readonly [Labels, Histogram]> =>
  [...measured].map(([operation, histogram]) => [{ operation }, histogram])

export const measureMetrics = (
  { streams, types }: Measures["Service"],
  { batches, durations }: StoreMeasures["Service"],
  vacancies: number
): ReadonlyArray<ReadonlyArray<string>> => {
  const all = [...types].map(([type, measures]) => ({ type, ...measures }))
  const lost = all.reduce((sum, { attempts }) => sum + (attempts.get("lost") ?? 0), 0)
  return [
    family(
      "counter",
      "lazyboss_attempts_total",
      "Attempts that ended at this server, by outcome. Those that ended because their job expired are not counted.",
      all.flatMap(({ attempts, type }) =>
        Outcome.literals.map((outcome): Sample => [{ type, outcome }, attempts.get(outcome) ?? 0])
      )
    ),
    family(
      "counter",
      "lazyboss_leases_lost_total",
      "Attempts that this server ended because nothing was heard of the worker.",
      [[{}, lost]]
    ),
    histograms(
      "lazyboss_job_wait_seconds",
      "From when a job was due until this server gave it to a worker.",
      all.map(({ type, wait }) => [{ type }, wait])
    ),
    histograms(
      "lazyboss_job_run_seconds",
      "From the beginning of an attempt to its end, of those that ended at this server.",
      all.map(({ run, type }) => [{ type }, run])
    ),
    family("gauge", "lazyboss_vacancies", "Workers that wait for jobs at this server.", [[{}, vacancies]]),
    family(
      "gauge",
      "lazyboss_streams",
      "Open event streams at this server, by what they are for.",
      Object.entries(streams).map(([kind, count]): Sample => [{ kind }, count])
    ),
    histograms(
      "lazyboss_group_commit_size",
      "How many items this server gave to the store at once.",
      byOperation(batches)
    ),
    histograms(
      "lazyboss_store_seconds",
      "How long the store took to answer this server, whether it succeeded or not.",
      byOperation(durations)
    )
  ]
}
