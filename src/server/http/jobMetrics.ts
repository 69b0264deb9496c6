/** The counts of jobs in the whole database, as metrics. */
import { byType, countsOf, type Flow, totalsOf } from "../../domain/stats/Flow.ts"
import { otherTypes } from "../../domain/stats/Measures.ts"
import { family, type Sample } from "./Exposition.ts"

/** The flows by the label of their type (see `Measures.labelOf`), of which there is a limited number. */
const byLabel = (flows: ReadonlyArray<Flow>, labelOf: (type: string) => string) =>
  [
    ...byType(flows.map((flow) => ({ ...flow, type: flow.type === null ? otherTypes : labelOf(flow.type) })))
  ].map(([label, flows]) => ({ type: label ?? otherTypes, counts: countsOf(flows), totals: totalsOf(flows) }))

export const jobMetrics = (
  flows: ReadonlyArray<Flow>,
  labelOf: (type: string) => string
): ReadonlyArray<ReadonlyArray<string>> => {
  const types = byLabel(flows, labelOf)
  return [
    family(
      "gauge",
      "lazyboss_jobs",
      "Jobs by type and status. Of all servers on the database.",
      types.flatMap(({ counts, type }) =>
        Object.entries(counts).map(([status, count]): Sample => [{ type, status }, count])
      )
    ),
    family(
      "counter",
      "lazyboss_jobs_created_total",
      "Jobs ever created. Of all servers on the database.",
      types.map(({ totals, type }): Sample => [{ type }, totals.created])
    ),
    family(
      "counter",
      "lazyboss_jobs_finished_total",
      "Jobs that ended, by how, each time that they did. Of all servers on the database.",
      types.flatMap(({ totals, type }) =>
        (["done", "failed", "cancelled"] as const).map((status): Sample => [{ type, status }, totals[status]])
      )
    )
  ]
}
