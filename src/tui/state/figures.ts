/** The figures of the overview: how much comes and goes, how much there is, how long it takes. */
import { Duration } from "effect"
import { JobStatus } from "../../domain/jobs/Job.ts"
import type { Spread, StatsSnapshot } from "../../domain/stats/StatsSnapshot.ts"
import { formatCount, formatRate, formatShare, formatSparkline, millisOf } from "../look/format.ts"
import { formatAge, formatLength } from "../../text/spans.ts"
import { type Look, type Tone, toneOfStatus } from "../look/Look.ts"
import type { Worker } from "../../domain/workers/Worker.ts"
import type { Line, Span } from "./lines.ts"
import type { Sample } from "./Data.ts"

interface Figure {
  readonly label: string
  readonly value: string
  readonly tone: Tone
}

/** The width of each figure with its label, in columns. */
const figureColumns = 22
const labelColumns = 13
const leastValue = 6

const flow = (figures: ReadonlyArray<Figure>, columns: number): ReadonlyArray<Line> => {
  const each = Math.max(1, Math.floor(columns / figureColumns))
  // In a narrow terminal there is still room for two.
  const perLine = columns < 2 * figureColumns ? 2 : each
  const width = Math.min(figureColumns, Math.floor(columns / perLine))
  const labels = Math.min(labelColumns, width - leastValue)
  const lines: Array<Line> = []
  for (let start = 0; start < figures.length; start += perLine) {
    lines.push(
      figures.slice(start, start + perLine).flatMap(({ label, tone, value }): ReadonlyArray<Span> => [
        { text: label.padEnd(labels), tone: "quiet" },
        { text: value.padEnd(width - labels), tone }
      ])
    )
  }
  return lines
}

const oldestOf = ({ types }: StatsSnapshot): number | null => {
  const dues = types.flatMap(({ oldestPending }) => (oldestPending === null ? [] : [millisOf(oldestPending)]))
  return dues.length === 0 ? null : Math.min(...dues)
}

const formatSpread = (spread: Spread | null, of: "p50" | "p95"): string =>
  spread === null ? "-" : formatLength(Duration.toMillis(spread[of]))

const ratesOf = (stats: StatsSnapshot, now: number): ReadonlyArray<Figure> => {
  const { failureRate, rates } = stats.total
  const oldest = oldestOf(stats)
  const out = rates === null ? null : rates.done + rates.failed
  return [
    { label: "in", value: `${formatRate(rates?.created)}/s`, tone: "strong" },
    { label: "out", value: `${formatRate(out)}/s`, tone: "strong" },
    { label: "errors", value: formatShare(failureRate), tone: (failureRate ?? 0) > 0 ? "bad" : "plain" },
    { label: "oldest", value: oldest === null ? "-" : formatAge(oldest, now), tone: "plain" }
  ]
}

const lengthsOf = (
  { run, vacancies, wait }: StatsSnapshot,
  workers: ReadonlyArray<Worker> | null
): ReadonlyArray<Figure> => [
  { label: "wait p50", value: formatSpread(wait, "p50"), tone: "plain" },
  { label: "wait p95", value: formatSpread(wait, "p95"), tone: "plain" },
  { label: "run p50", value: formatSpread(run, "p50"), tone: "plain" },
  { label: "run p95", value: formatSpread(run, "p95"), tone: "plain" },
  { label: "vacancies", value: formatCount(vacancies), tone: "plain" },
  ...(workers === null
    ? []
    : [
        {
          label: "workers",
          value: formatCount(workers.filter(({ present }) => present).length),
          tone: "plain" as const
        }
      ])
]

const depthsOf = ({ total }: StatsSnapshot, { glyphs }: Look): ReadonlyArray<Figure> =>
  JobStatus.literals.map((status) => ({
    label: `${glyphs.status[status]} ${status}`,
    value: formatCount(total.counts[status]),
    tone: total.counts[status] === 0 ? "quiet" : toneOfStatus[status]
  }))

const sparkline = (
  label: string,
  samples: ReadonlyArray<Sample>,
  of: "created" | "done" | "failed",
  tone: Tone,
  columns: number,
  look: Look
): Line => {
  const room = columns - labelColumns - 9
  return [
    { text: label.padEnd(labelColumns), tone: "quiet" },
    {
      text: formatSparkline(
        samples.map((sample) => sample[of]),
        Math.max(8, Math.min(150, room)),
        look
      ),
      tone
    },
    { text: ` ${formatRate(samples.at(-1)?.[of])}/s` }
  ]
}

/** What the figures are made of. Null for what is not known. */
interface FigureSource {
  readonly stats: StatsSnapshot | null
  readonly samples: ReadonlyArray<Sample>
  readonly workers: ReadonlyArray<Worker> | null
}

/** The figures in lines: all of them where there is room, or the most important ones. */
export const figureLines = (
  { samples, stats, workers }: FigureSource,
  now: number,
  columns: number,
  room: number,
  look: Look
): ReadonlyArray<Line> => {
  if (stats === null) return [[{ text: "Reading how things stand", tone: "quiet" }]]
  const rates = flow(ratesOf(stats, now), columns)
  const depths = flow(depthsOf(stats, look), columns)
  const lengths = flow(lengthsOf(stats, workers), columns)
  // One sample is no course.
  const sparklines =
    samples.length === 0
      ? []
      : [
          sparkline("created", samples, "created", "waiting", columns, look),
          sparkline("done", samples, "done", "good", columns, look),
          sparkline("failed", samples, "failed", "bad", columns, look)
        ]
  const blank: Line = [{ text: " " }]
  const ways = [
    [...rates, ...lengths, blank, ...depths, blank, ...sparklines, ...(sparklines.length > 0 ? [blank] : [])],
    [...rates, ...lengths, ...depths, ...sparklines],
    [...rates, ...depths, ...sparklines],
    [...rates, ...depths]
  ]
  return ways.find(({ length }) => length <= room) ?? [...rates, ...depths].slice(0, Math.max(1, room))
}
