/** Fields of a policy as they are written on the command line. */
import { Option, Predicate, Schema } from "effect"
import type { JsonValue } from "../../domain/Json.ts"

type Fields = { readonly [name: string]: JsonValue }

const readJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json))

const isFields = (value: JsonValue | undefined): value is Fields => Predicate.isObject(value)

const assign = (fields: Fields, [name = "", ...rest]: ReadonlyArray<string>, value: JsonValue): Fields => {
  const before = fields[name]
  return {
    ...fields,
    [name]: rest.length === 0 ? value : assign(isFields(before) ? before : {}, rest, value)
  }
}

/**
 * The fields with `name=value` or `name.part=value` put into them, or null if it is neither. A value is JSON if it can be read
 * as that, and text otherwise, so that `lease=5m` needs no quotes.
 */
export const assigned = (fields: Fields, assignment: string): Fields | null => {
  const [, path, text] = /^([A-Za-z]+(?:\.[A-Za-z]+)?)=(.*)$/s.exec(assignment) ?? []
  return path === undefined || text === undefined
    ? null
    : assign(
        fields,
        path.split("."),
        Option.getOrElse(readJson(text), () => text)
      )
}

/** A value, and the path that leads to it, as in `backoff.max`. */
export type PathAndValue = readonly [path: string, value: JsonValue]

/** All values with their paths. */
export const flatten = (fields: Fields): ReadonlyArray<PathAndValue> =>
  Object.entries(fields).flatMap(([name, value]): ReadonlyArray<PathAndValue> =>
    isFields(value) ? flatten(value).map(([path, inner]) => [`${name}.${path}`, inner]) : [[name, value]]
  )
