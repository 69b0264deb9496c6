/** Values as PostgreSQL takes them: a batch goes in as one array for each column. */
import * as PgTypes from "@effect/sql-pg/PgTypes"
import { DateTime, Duration, Result } from "effect"
import type { JsonValue } from "../../domain/Json.ts"

const arrayOf =
  <A>(oid: number) =>
  (values: ReadonlyArray<A>): PgTypes.Parameter =>
    Result.getOrThrow(PgTypes.array(values, oid))

export const uuids = arrayOf<string | null>(PgTypes.OID.uuid)
export const texts = arrayOf<string | null>(PgTypes.OID.text)
export const integers = arrayOf<number | null>(PgTypes.OID.int4)
export const floats = arrayOf<number | null>(PgTypes.OID.float8)
export const booleans = arrayOf<boolean | null>(PgTypes.OID.bool)
export const byteStrings = arrayOf<Uint8Array>(PgTypes.OID.bytea)

const int8s = arrayOf<bigint>(PgTypes.OID.int8)
export const bigints = (values: ReadonlyArray<number>) => int8s(values.map(BigInt))

const timestamps = arrayOf<number | null>(PgTypes.OID.timestamptz)
export const times = (values: ReadonlyArray<DateTime.Utc | null>) =>
  timestamps(values.map((value) => (value === null ? null : DateTime.toEpochMillis(value))))

/** Whole milliseconds. As `float8`, because one times an interval is an interval. */
export const toMilliseconds = (duration: Duration.Duration) => Math.round(Duration.toMillis(duration))
export const durations = (values: ReadonlyArray<Duration.Duration | null>) =>
  floats(values.map((value) => (value === null ? null : toMilliseconds(value))))

/** JSON as text, to be cast to `json`. The JSON value null is SQL's null. */
export const toText = (value: JsonValue): string | null => (value === null ? null : JSON.stringify(value))
export const jsons = (values: ReadonlyArray<JsonValue>) => texts(values.map(toText))

/** Lists as the text of an array, to be cast, for arrays of arrays must be rectangular. */
export const textLists = (values: ReadonlyArray<ReadonlyArray<string> | null>) =>
  texts(values.map((value) => (value === null ? null : arrayLiteral(value))))

/** A list as the text of an array, to be cast. */
export const arrayLiteral = (values: ReadonlyArray<string>) =>
  `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join()}}`
