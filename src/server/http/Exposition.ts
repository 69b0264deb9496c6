/**
 * The text in which Prometheus reads metrics, version 0.0.4.
 *
 * Effect's own `Metric` and `PrometheusMetrics` are not used: totals that are kept in the database can be shown but not
 * counted up, labels that are gone would stay for ever, and each update looks its metric up by a text that is put together
 * from all labels.
 */
import { type Histogram, sizeOf } from "../../domain/stats/Histogram.ts"

export type Labels = Readonly<Record<string, string>>

/** A value, and the labels that tell it from the others of its family. */
export type Sample = readonly [labels: Labels, value: number]

const escapeHelp = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"')

const writeLabels = (labels: Labels): string => {
  const written = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return written.length === 0 ? "" : `{${written.join()}}`
}

const head = (name: string, type: string, help: string) => [
  `# HELP ${name} ${escapeHelp(help)}`,
  `# TYPE ${name} ${type}`
]

/** The lines of a family of counters or gauges. */
export const family = (
  type: "counter" | "gauge",
  name: string,
  help: string,
  samples: ReadonlyArray<Sample>
): ReadonlyArray<string> => [
  ...head(name, type, help),
  ...samples.map(([labels, value]) => `${name}${writeLabels(labels)} ${value}`)
]

/** The lines of a family of histograms. */
export const histograms = (
  name: string,
  help: string,
  samples: ReadonlyArray<readonly [labels: Labels, histogram: Histogram]>
): ReadonlyArray<string> => [
  ...head(name, "histogram", help),
  ...samples.flatMap(([labels, histogram]) => {
    const { bounds, counts, sum } = histogram
    let upTo = 0
    const buckets = counts.map((count, bucket) => {
      upTo += count
      const le = bounds[bucket] === undefined ? "+Inf" : String(bounds[bucket])
      return `${name}_bucket${writeLabels({ ...labels, le })} ${upTo}`
    })
    return [
      ...buckets,
      `${name}_sum${writeLabels(labels)} ${sum}`,
      `${name}_count${writeLabels(labels)} ${sizeOf(histogram)}`
    ]
  })
]

/** A page of families. */
export const page = (families: ReadonlyArray<ReadonlyArray<string>>): string =>
  `${families.flat().join("\n")}\n`
