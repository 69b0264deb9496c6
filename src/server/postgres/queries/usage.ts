/** What is in use of the limits of types. */
import { Effect, Schema } from "effect"
import type { Begun, Limits, LimitedType } from "../../../domain/matching/Limits.ts"
import { type Database, type DatabaseError, millisecond, now, rowsOf } from "../Database.ts"
import { durations, texts } from "../parameters.ts"

const typeRows = rowsOf(Schema.Struct({ type: Schema.String, running: Schema.Number }))
const workerRows = rowsOf(
  Schema.Struct({ type: Schema.String, worker: Schema.String, running: Schema.Number })
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
  select limited.type, ${running("")} as running from unnest($1::text[]) as limited (type)`

const ofWorkers = `
  select limited.type, limited.worker, ${running("and job.assignee = limited.worker")} as running
  from unnest($1::text[], $2::text[]) as limited (type, worker)`

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

/** What is in use of limits, by type, for a claim of these workers. */
export const usage = Effect.fnUntraced(function* (
  database: Database,
  questions: ReadonlyArray<UsageQuestion>,
  workers: ReadonlySet<string>
): Effect.fn.Return<ReadonlyMap<string, LimitedType>, DatabaseError> {
  const counted = questions.filter(({ limits }) => limits.concurrency !== null)
  const types =
    counted.length === 0
      ? []
      : yield* database.query(typeRows, ofTypes, [texts(counted.map(({ type }) => type))])
  const shares = questions.flatMap(({ limits, type }) =>
    limits.perWorker === null ? [] : [...workers].map((worker) => ({ type, worker }))
  )
  const held =
    shares.length === 0
      ? []
      : yield* database.query(workerRows, ofWorkers, [
          texts(shares.map(({ type }) => type)),
          texts(shares.map(({ worker }) => worker))
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

  const counts = new Map(types.map(({ running, type }) => [type, running]))
  const heldOf = Map.groupBy(held, ({ type }) => type)
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
          running: counts.get(type) ?? 0,
          ofWorkers: new Map(heldOf.get(type)?.map(({ running, worker }) => [worker, running])),
          ofKeys: countsOfKeys.get(type) ?? new Map(),
          begun: begunOf.get(type) ?? []
        }
      }
    ])
  )
})
