/** When attempts began, of types whose policy limits how many may begin in a period. */
import { DateTime, Effect } from "effect"
import { type LimitedType, rememberedAt } from "../../../domain/matching/Limits.ts"
import type { RateLimit } from "../../../domain/policies/Policy.ts"
import { type Database, isKey, millisecond, now } from "../Database.ts"
import { durations, integers, texts, times } from "../parameters.ts"

/** How many attempts of a type began. */
interface Beginning {
  readonly type: string
  readonly rateLimit: RateLimit
  readonly count: number
}

const statement = `
  with item as (
    select type, period, at, count
    from unnest($2::text[], $3::float8[], $4::timestamptz[], $5::int[]) as item (type, period, at, count)
  ), forgotten as (
    delete from begun_attempts
    using item
    where ${isKey("begun_attempts.type", "item.type")} and begun_attempts.at <= ${now} - item.period * ${millisecond}
  )
  insert into begun_attempts (type, at, count)
  select type, at, count from item
  on conflict (type, at) do update set count = begun_attempts.count + excluded.count`

/** Takes note of what began `at` a time, in milliseconds, and forgets what counts no more. The types must be locked. */
export const rememberBegun = (database: Database, beginnings: ReadonlyArray<Beginning>, at: number) =>
  beginnings.length === 0
    ? Effect.void
    : database.runAtTime(statement, [
        texts(beginnings.map(({ type }) => type)),
        durations(beginnings.map(({ rateLimit }) => rateLimit.period)),
        times(beginnings.map(({ rateLimit }) => DateTime.makeUnsafe(rememberedAt(rateLimit, at)))),
        integers(beginnings.map(({ count }) => count))
      ])

const statementAnew = `
  with item as (
    select type, at from unnest($1::text[], $2::timestamptz[]) as item (type, at)
  ), ahead as (
    delete from begun_attempts
    using item
    where ${isKey("begun_attempts.type", "item.type")} and begun_attempts.at > item.at
    returning item.type, item.at, begun_attempts.count
  )
  insert into begun_attempts (type, at, count)
  select type, at, sum(count) from ahead group by type, at
  on conflict (type, at) do update set count = begun_attempts.count + excluded.count`

/** Remembers as `begunByNow` what began in the time to come, before the clock was set back. The types must be locked. */
export const rememberAnew = (database: Database, types: ReadonlyMap<string, LimitedType>, now: number) => {
  const ahead = [...types].flatMap(
    ([
      type,
      {
        limits: { rateLimit },
        usage: { begun }
      }
    ]) => {
      if (rateLimit === null) return []
      const latest = rememberedAt(rateLimit, now)
      return begun.some(({ at }) => at > latest) ? [{ type, at: DateTime.makeUnsafe(latest) }] : []
    }
  )
  return ahead.length === 0
    ? Effect.void
    : database.run(statementAnew, [texts(ahead.map(({ type }) => type)), times(ahead.map(({ at }) => at))])
}
