import { Effect, Schema } from "effect"
import type { Begun, Limits, LimitedType } from "../../../domain/Limits.ts"
import { type Database, type DatabaseError, millisecond, now, rowsOf } from "../Database.ts"
import { booleans, durations, texts } from "../parameters.ts"

const typeRows = rowsOf(
  Schema.Struct({ type: Schema.String, running: Schema.Number, of_worker: Schema.Number })
)
const keyRows = rowsOf(
  Schema.Struct({
    type: Schema.String,
    fairness_key: Schema.NullOr(Schema.String),
    running: Schema.Number
  })
)
const begunRows = rowsOf(Schema.Struct({ type: Schema.String, at: Schema.Date, count: Schema.Number }))

// The order is of no use but to the planner, which would otherwise count in any index that begins with the type, of all
// jobs of the type, as soon as the table is empty when it plans.
const running = (condition: string) => `(
  select count(*)::int
  from (
    select
    from job
    where job.status = 'processing' and job.assignee is not null and job.type = limited.type ${condition}
    order by job.type, job.fairness_key, job.assignee
  ) as running
)`

const ofTypes = `
  select
    limited.type,
    case when limited.in_all then ${running("")} else 0 end as running,
    case when limited.by_worker then ${running("and job.assignee = $4")} else 0 end as of_worker
  from unnest($1::text[], $2::bool[], $3::bool[]) as limited (type, in_all, by_worker)`

const ofKeys = `
  select
    limited.type, limited.fairness_key,
    case
      when limited.fairness_key is null then ${running("and job.fairness_key is null")}
      else ${running("and job.fairness_key = limited.fairness_key")}
    end as running
  from unnest($1::text[], $2::text[]) as limited (type, fairness_key)`

const begun = `
  select limited.type, begun.at, begun.count
  from unnest($2::text[], $3::float8[]) as limited (type, period)
  cross join lateral (
    select at, count
    from begun_attempts
    where begun_attempts.type = limited.type and begun_attempts.at > ${now} - limited.period * ${millisecond}
    order by at
  ) as begun`

/** What is asked about: a type, its limits, and the fairness keys whose jobs might be given. */
export interface UsageQuestion {
  readonly type: string
  readonly limits: Limits
  readonly keys: ReadonlySet<string | null>
}

/** What is in use of limits, by type, for a claim of this worker. */
export const usage = Effect.fnUntraced(function* (
  database: Database,
  questions: ReadonlyArray<UsageQuestion>,
  worker: string
): Effect.fn.Return<ReadonlyMap<string, LimitedType>, DatabaseError> {
  const types = yield* database.query(typeRows, ofTypes, [
    texts(questions.map(({ type }) => type)),
    booleans(questions.map(({ limits }) => limits.concurrency !== null)),
    booleans(questions.map(({ limits }) => limits.perWorker !== null)),
    worker
  ])
  const pairs = questions.flatMap(({ keys, limits, type }) =>
    limits.perFairnessKey === null ? [] : [...keys].map((key) => ({ type, key }))
  )
  const keys =
    pairs.length === 0
      ? []
      : yield* database.query(keyRows, ofKeys, [
          texts(pairs.map(({ type }) => type)),
          texts(pairs.map(({ key }) => key))
        ])
  const rates = questions.flatMap(({ limits: { rateLimit }, type }) =>
    rateLimit === null ? [] : [{ type, period: rateLimit.period }]
  )
  const beginnings =
    rates.length === 0
      ? []
      : yield* database.queryAtTime(begunRows, begun, [
          texts(rates.map(({ type }) => type)),
          durations(rates.map(({ period }) => period))
        ])

  const counts = new Map(types.map((row) => [row.type, row]))
  const countsOfKeys = new Map<string, Map<string | null, number>>()
  for (const row of keys) {
    const ofType = countsOfKeys.get(row.type) ?? new Map<string | null, number>()
    countsOfKeys.set(row.type, ofType.set(row.fairness_key, row.running))
  }
  const begunOf = new Map<string, Array<Begun>>()
  for (const { at, count, type } of beginnings) {
    const ofType = begunOf.get(type) ?? []
    ofType.push({ at: at.getTime(), count })
    begunOf.set(type, ofType)
  }
  return new Map(
    questions.map(({ limits, type }) => [
      type,
      {
        limits,
        usage: {
          running: counts.get(type)?.running ?? 0,
          ofWorker: counts.get(type)?.of_worker ?? 0,
          ofKeys: countsOfKeys.get(type) ?? new Map(),
          begun: begunOf.get(type) ?? []
        }
      }
    ])
  )
})
