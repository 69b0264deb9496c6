/** JSON values that pass through lazyboss without a meaning to it: parameters, results, errors, checkpoints. */
import { Predicate, Schema } from "effect"

/** Values nested deeper than this are refused, so that no reader's stack is ever at risk. */
export const deepestNesting = 64

/** Whether `value`, as it comes from `JSON.parse`, has at most `limit` arrays and objects within one another. */
export const isNestedWithin = (value: unknown, limit: number): boolean => {
  let level: Array<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const next: Array<unknown> = []
    for (const item of level) {
      if (!Predicate.isObjectOrArray(item)) continue
      if (depth === limit) return false
      for (const child of Object.values(item)) next.push(child)
    }
    level = next
  }
  return true
}

/** Any JSON value. */
export const JsonValue = Schema.Json
export type JsonValue = Schema.Json

/** Refuses what takes more characters as JSON. */
export const isShortAsJson = (longest: number) =>
  Schema.makeFilter(
    (value: unknown) =>
      JSON.stringify(value).length <= longest || `must have at most ${longest} characters as JSON`
  )

/** The same text for the same value, whatever the order in which objects list their keys. */
export const canonicalJson = (value: unknown): string => {
  if (Predicate.isObject(value)) {
    const keys = Object.keys(value).toSorted()
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join()}}`
  }
  return Array.isArray(value) ? `[${value.map(canonicalJson).join()}]` : JSON.stringify(value)
}
