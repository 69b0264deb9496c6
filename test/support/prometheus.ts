/**
 * Reads a page of metrics as Prometheus does, and holds it to the format (version 0.0.4) and to the rules of
 * `promtool check metrics`. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { assert } from "@effect/vitest"

export interface Metric {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly metrics: Array<Metric>
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/y

const valueOf = (text: string): number => {
  if (text === "+Inf") return Infinity
  assert.match(text, /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/, `not a value: ${text}`)
  return Number(text)
}

const unescape = (text: string) => text.replace(/\\(.)/g, (_, letter) => (letter === "n" ? "\n" : letter))

const labelsOf = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  let end = 0
  while (end < text.length) {
    const [, name, value] = labelPair.exec(text) ?? assert.fail(`not labels: ${text}`)
    if (name === undefined || value === undefined) return assert.fail(text)
    assert.notProperty(labels, name)
    labels[name] = unescape(value)
    end = labelPair.lastIndex
  }
  return labels
}

/** Which names samples of a family may have. */
const suffixes: Record<string, ReadonlyArray<string>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"]
}

/** The families of a page, by name. */
export const parse = (page: string): ReadonlyMap<string, Family> => {
  assert.match(page, /\n$/, "the last line must end")
  const families = new Map<string, Family>()
  let help: readonly [string, string] | undefined
  let current: Family | undefined
  for (const line of page.slice(0, -1).split("\n")) {
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === "HELP") {
      help = [name, rest]
    } else if (keyword === "TYPE") {
      assert.deepStrictEqual(help?.[0], name, "a type comes after its help")
      assert.isFalse(families.has(name), `${name} is there twice`)
      assert.property(suffixes, rest)
      current = { name, type: rest, help: help?.[1] ?? "", metrics: [] }
      families.set(name, current)
    } else {
      const [, sample = "", labels = "", value = ""] =
        sampleLine.exec(line) ?? assert.fail(`not a line: ${line}`)
      if (current === undefined) return assert.fail(`${line} has no type`)
      assert.include(suffixes[current.type]?.map((suffix) => current?.name + suffix) ?? [], sample)
      current.metrics.push({ name: sample, labels: labelsOf(labels), value: valueOf(value) })
    }
  }
  return families
}

const identityOf = ({ labels, name }: Metric, without?: string) =>
  JSON.stringify([name, ...Object.entries(labels).filter(([label]) => label !== without)].toSorted())

const lintHistogram = ({ metrics, name }: Family) => {
  const buckets = Map.groupBy(
    metrics.filter((metric) => metric.name === `${name}_bucket`),
    (metric) => identityOf({ ...metric, name: "" }, "le")
  )
  for (const [labels, series] of buckets) {
    const bounds = series.map(({ labels }) => valueOf(labels["le"] ?? ""))
    assert.strictEqual(bounds.at(-1), Infinity)
    for (const [index, bound] of bounds.entries()) {
      if (index > 0) assert.isAbove(bound, bounds[index - 1] ?? NaN)
    }
    const counts = series.map(({ value }) => value)
    assert.deepStrictEqual(
      counts,
      counts.toSorted((left, right) => left - right)
    )
    const same = (suffix: string) =>
      metrics.filter(
        (metric) => metric.name === name + suffix && identityOf({ ...metric, name: "" }, "le") === labels
      )
    assert.strictEqual(same("_sum").length, 1)
    assert.deepStrictEqual(
      same("_count").map(({ value }) => value),
      counts.slice(-1)
    )
  }
}

/** Asserts what `promtool check metrics` wants: names, units, one of each, help. */
export const lint = (families: ReadonlyMap<string, Family>): void => {
  for (const family of families.values()) {
    const { help, metrics, name, type } = family
    assert.isNotEmpty(help)
    assert.match(name, /^[a-z][a-z0-9_]*$/, "names are in snake case")
    assert.notMatch(name, /_(?:count|sum|bucket|info|gauge|counter|histogram)(?:_|$)/)
    assert.notMatch(
      name,
      /_(?:milliseconds|ms|minutes|hours|kilobytes|megabytes|percent)(?:_|$)/,
      "base units"
    )
    assert.strictEqual(name.endsWith("_total"), type === "counter", `${name} is a ${type}`)
    const identities = metrics.map((metric) => identityOf(metric))
    assert.strictEqual(new Set(identities).size, identities.length, `${name} has a value twice`)
    for (const { labels, value } of metrics) {
      if (type !== "gauge") assert.isAtLeast(value, 0)
      if (type !== "histogram") assert.notProperty(labels, "le")
    }
    if (type === "histogram") lintHistogram(family)
  }
}
