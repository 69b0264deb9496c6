/**
 * The store in memory and that in PostgreSQL take the same steps side by side, at random, and must give the same answers
 * and end in the same state. A failure names its seed: with `DIFFERENTIAL_SEED=<seed>` it is taken again, alone.
 */
import { PgClient } from "@effect/sql-pg/PgClient"
import { assert, it } from "@effect/vitest"
import { Array as Arr, Clock, Context, DateTime, Duration, Effect, Layer, Predicate } from "effect"
import type { Amendment } from "../../src/domain/Amendment.ts"
import { AttemptId, JobId } from "../../src/domain/Identifiers.ts"
import { CountsRepo } from "../../src/domain/CountsRepo.ts"
import {
  type AttemptEnd,
  type ClaimedJob,
  type Due,
  type JobInsert,
  JobRepo,
  type ProgressEvent,
  type ProgressWrite,
  type Renewed
} from "../../src/domain/JobRepo.ts"
import type { JsonValue } from "../../src/domain/Json.ts"
import type { ChangedJob, JobStatus } from "../../src/domain/Job.ts"
import type { JobGroup } from "../../src/domain/Matching.ts"
import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"
import * as Migrations from "../../src/server/postgres/Migrations.ts"
import * as PostgresStore from "../../src/server/postgres/PostgresStore.ts"
import { StoreClock } from "../../src/server/postgres/StoreClock.ts"
import { newDatabaseLayer } from "../support/testDatabase.ts"
import { type Dice, makeDice } from "./Dice.ts"
import { groups, makeClaims, workers } from "./randomClaims.ts"
import { cancellation, changeOf, newJob, plenty, progressWrite, transition } from "./StoreKit.ts"

const sequences = 150
const steps = 30

type Repo = (typeof JobRepo)["Service"]

const tags = ["x", "y", "z"]
const kinds = ["done", "failed", "lost", "released", "retrying", "cancelled"] as const
const values: Arr.NonEmptyReadonlyArray<JsonValue> = [null, 0, "\u0000é", { a: [1, { b: false }] }]
const statuses: ReadonlyArray<JobStatus> = [
  "pending",
  "scheduled",
  "processing",
  "done",
  "failed",
  "cancelled"
]

const isGroup = (value: object): value is JobGroup =>
  Predicate.hasProperty(value, "constraints") && Predicate.hasProperty(value, "priority")

/** What an answer says, whatever it is made of: without the ids of groups, which each store gives by itself. */
const said = (value: unknown): unknown => {
  if (DateTime.isDateTime(value)) return DateTime.toEpochMillis(value)
  if (Duration.isDuration(value)) return Duration.toMillis(value)
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (Array.isArray(value)) return value.map(said)
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      isGroup(value) && key === "id" ? [] : [[key, said(inner)]]
    )
  )
}

const toldOf = (job: ChangedJob | null) => job && said(changeOf(job))
/** What is said of living attempts, and of the jobs that have just been started no more than must be. */
const saidOfLiving = (answers: ReadonlyArray<Renewed>) =>
  answers.map((living) => living && [said({ ...living, started: null }), toldOf(living.started)])
const toldOfClaim = ({ attempt, job }: ClaimedJob) => [toldOf(job), job.parameters, attempt]

const byText = (left: unknown, right: unknown) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)

/** What a list says, whose order among what is due at the same time is each store's own. */
const saidInAnyOrder = (list: ReadonlyArray<unknown>) => list.map(said).toSorted(byText)

/** One of the two stores, with the groups as it calls them. */
interface Side {
  readonly repo: Repo
  readonly counts: (typeof CountsRepo)["Service"]
  readonly groups: Map<number, JobGroup>
}

/** All that a sequence has made so far. */
class World {
  readonly jobs: Array<JobId> = []
  readonly claimed: Array<ClaimedJob> = []
  readonly marks = new Map<AttemptId, number>()
}

type Step = (side: Side) => Effect.Effect<unknown>

const groupIndex = ({ constraints, fairnessKey, priority, type }: Omit<JobGroup, "id">) =>
  groups.findIndex(
    (group) =>
      group.type === type &&
      group.priority === priority &&
      group.fairnessKey === fairnessKey &&
      JSON.stringify(group.constraints) === JSON.stringify(constraints)
  )

const makeSteps = (dice: Dice, world: World, now: () => number) => {
  const maybe = <A>(value: A): A | null => dice.pick(value, null)
  const millis = (most: number) => Duration.millis(dice.below(most))
  const someJob = () => dice.from(world.jobs) ?? JobId.make(dice.uuid())
  // Mostly those that may still be live.
  const anyClaimed = () => dice.from(dice.below(4) === 0 ? world.claimed : world.claimed.slice(-4))
  const anyBegunJob = () => anyClaimed()?.job.id ?? someJob()
  const claims = () => dice.times(3, anyClaimed).filter((claimed) => claimed !== undefined)
  const ofAttempt = (claimed: ClaimedJob): ClaimedJob =>
    dice.below(12) === 0 ? { ...claimed, job: { ...claimed.job, id: someJob() } } : claimed

  const clock = () => Duration.millis(1 + dice.below(5_000))
  const wishes = makeClaims(dice)

  const job = (): JobInsert => {
    const id = JobId.make(dice.uuid())
    world.jobs.push(id)
    return newJob({
      id,
      group: dice.pick(...groups),
      parameters: dice.pick(...values),
      tags: dice.some(tags),
      runAt: dice.pick(null, null, DateTime.makeUnsafe(now() + dice.below(4_000) - 1_000)),
      delay: dice.pick(null, null, millis(2_000)),
      expiresIn: dice.pick(null, null, null, Duration.millis(1 + dice.below(8_000))),
      maxAttempts: maybe(3),
      lease: maybe(clock()),
      maxRun: maybe(clock())
    })
  }

  const insert = (): Step => {
    const batch = dice.times(3, () => ({
      jobs: dice.times(3, job),
      idempotency: dice.pick(null, null, null, { key: dice.pick("k", "l"), fingerprint: dice.pick("f", "g") })
    }))
    return ({ groups, repo }) =>
      Effect.map(repo.insert(batch), (answers) => {
        for (const answer of answers) {
          if (answer._tag === "Created") {
            for (const { group } of answer.jobs) groups.set(groupIndex(group), group)
          }
        }
        return said(answers)
      })
  }

  const claim = (): Step => {
    const { attempts, seekers, sourcesOf } = wishes.claim()
    return ({ groups, repo }) =>
      Effect.map(
        repo.claim({
          sources: sourcesOf(groups),
          seekers,
          attempts
        }),
        (claimed) => {
          for (const one of claimed.jobs) {
            if (!world.marks.has(one.attempt.id)) world.claimed.push(one)
            world.marks.set(one.attempt.id, 0)
          }
          const indexOf = (id: number) => [...groups].find(([, group]) => group.id === id)?.[0]
          return said({
            ...claimed,
            jobs: claimed.jobs.map((one) => [one.seeker, toldOfClaim(one)]),
            drained: claimed.drained.map(indexOf),
            later: claimed.later.map(({ group, left }) => [indexOf(group), left]),
            // How many jobs are looked at, and so known afterwards, is for each store to decide.
            heads: null
          })
        }
      )
  }

  const end = (): Step => {
    const batch = claims().map((claimed): AttemptEnd => {
      const { attempt, job } = ofAttempt(claimed)
      const to = transition(dice.pick(...kinds), {
        result: dice.pick(...values),
        error: dice.pick(...values)
      })
      return {
        job: job.id,
        attempt: attempt.id,
        transition: to.status === "scheduled" ? { ...to, wait: Duration.millis(1 + dice.below(1_500)) } : to,
        worker: dice.pick(null, null, attempt.worker, attempt.worker, dice.pick(...workers)),
        cancelling: dice.pick(null, null, null, false, true),
        onlyIfOverdue: dice.pick(false, false, false, true)
      }
    })
    return ({ repo }) => Effect.map(repo.end(batch), (ended) => ended.map(toldOf))
  }

  const renew = (): Step => {
    const batch = claims().map((claimed) => ({
      job: ofAttempt(claimed).job.id,
      attempt: claimed.attempt.id,
      worker: dice.pick(claimed.attempt.worker, claimed.attempt.worker, dice.pick(...workers))
    }))
    return ({ repo }) => Effect.map(repo.renew(batch), saidOfLiving)
  }

  const recordProgress = (): Step => {
    const batch = claims().map((claimed): ProgressWrite => {
      const known = world.marks.get(claimed.attempt.id) ?? 0
      const mark = dice.pick(known, known, known, known + 1)
      const events = dice.some([1, 2, 3]).map((step): ProgressEvent => ({
        id: mark + step,
        event: dice.pick("log_chunk", "log_chunk", "note"),
        data: dice.pick("", "a\u0000", "éé", "0123456789")
      }))
      return progressWrite(ofAttempt(claimed), mark, {
        events,
        percent: maybe(dice.below(100)),
        message: dice.pick(null, "", "m\u0000"),
        checkpoint: dice.pick(undefined, ...values)
      })
    })
    return ({ repo }) =>
      Effect.map(repo.recordProgress(batch), (answers) => {
        for (const attempt of answers) if (attempt !== null) world.marks.set(attempt.id, attempt.mark)
        return saidOfLiving(answers)
      })
  }

  const cancel = (): Step => {
    const batch = dice.times(3, () =>
      cancellation(dice.pick(someJob, anyBegunJob)(), millis(1_000), {
        by: maybe("v"),
        reason: maybe("\u0000")
      })
    )
    return ({ repo }) => Effect.map(repo.cancel(batch), said)
  }

  const retry = (): Step => {
    const batch = dice.times(4, () => dice.pick(someJob, anyBegunJob, anyBegunJob)())
    return ({ repo }) => Effect.map(repo.retry(batch), said)
  }

  const amend = (): Step => {
    const batch = dice.times(3, () => ({
      job: dice.pick(someJob, anyBegunJob)(),
      amendment: dice.pick<Amendment>(
        { priority: dice.below(2) },
        { tags: dice.some(tags) },
        { runAt: DateTime.makeUnsafe(now() + dice.below(3_000) - 1_000), priority: 1 }
      )
    }))
    return ({ repo }) => Effect.map(repo.amend(batch), said)
  }

  const trimLog = (): Step => {
    const [job, cap] = [anyBegunJob(), dice.below(30)]
    return ({ repo }) => Effect.andThen(repo.trimLog(job, cap), Effect.map(repo.readLog(job, 0, null), said))
  }

  const readLog = (): Step => {
    const [job, start, end] = [anyBegunJob(), dice.below(40) - 20, maybe(dice.below(60))]
    return ({ repo }) => Effect.map(repo.readLog(job, start, end), said)
  }

  const list = (): Step => {
    const filter = {
      type: dice.pick(undefined, "a"),
      status: dice.pick(undefined, dice.from(statuses)),
      assignee: dice.pick(undefined, undefined, ...workers),
      tag: dice.pick(undefined, "x"),
      before: dice.pick(undefined, dice.from(world.jobs)),
      limit: 1 + dice.below(5)
    }
    return ({ repo }) => Effect.map(repo.list(filter), said)
  }

  const due =
    <A>(duty: (repo: Repo) => Effect.Effect<Due<A>>): (() => Step) =>
    () =>
    ({ repo }) =>
      Effect.map(duty(repo), ({ done, next }) => ({ done: saidInAnyOrder(done), next: said(next) }))
  const promote = due((repo) => repo.promote(plenty))
  const expire = due((repo) => repo.expire(plenty))
  const forgetKeys = due((repo) => repo.forgetKeys(plenty))
  // Until when there is nothing to do, a store may know the better the more it looks: only whether there is an end of it.
  const overdue = due((repo) =>
    Effect.map(repo.overdue(plenty), ({ done, next }) => ({
      done,
      next: next === null ? null : Duration.zero
    }))
  )

  const unclaimed = (): Step => {
    const waits = dice.some(groups.map((_, index) => index)).map((index) => ({ index, after: clock() }))
    const limit = dice.pick(1, 2, plenty)
    return ({ groups, repo }) =>
      Effect.map(
        repo.unclaimed(
          waits.flatMap(({ after, index }) => {
            const group = groups.get(index)
            return group === undefined ? [] : [{ group, after }]
          }),
          limit
        ),
        ({ done, next }) => ({
          done: done.map(toldOf),
          next: said(next)
        })
      )
  }

  const relaxed = (): Step => {
    const waits = dice.some(groups.map((_, index) => index)).flatMap((index) => {
      const after = clock()
      return [after, Duration.sum(after, Duration.millis(1 + dice.below(1_000)))].map((one) => ({
        index,
        after: one
      }))
    })
    const limit = dice.pick(1, 2, plenty)
    return ({ groups, repo }) =>
      Effect.map(
        repo.relaxed(
          waits.flatMap(({ after, index }) => {
            const group = groups.get(index)
            return group === undefined ? [] : [{ group, after }]
          }),
          limit
        ),
        ({ done, next }) => ({
          done: done.map(({ after, job }) => [toldOf(job), said(after)]),
          next: said(next)
        })
      )
  }

  const outlook = (): Step => {
    const id = someJob()
    return ({ repo }) =>
      Effect.gen(function* () {
        const [job] = yield* repo.find([id])
        if (job == null) return null
        const { ahead, at } = yield* repo.outlook({ job, limits: null, workers: new Set() })
        return [ahead, said(at)]
      })
  }

  const kindsOfSteps: Arr.NonEmptyReadonlyArray<() => Step> = [
    ...Arr.replicate(insert, 3),
    ...Arr.replicate(claim, 6),
    ...Arr.replicate(end, 5),
    ...Arr.replicate(recordProgress, 4),
    ...Arr.replicate(renew, 2),
    ...Arr.replicate(cancel, 2),
    ...Arr.replicate(retry, 2),
    ...Arr.replicate(amend, 2),
    ...Arr.replicate(promote, 2),
    ...Arr.replicate(overdue, 2),
    expire,
    forgetKeys,
    unclaimed,
    relaxed,
    outlook,
    trimLog,
    trimLog,
    readLog,
    list
  ]
  return (number: number) => (number === 1 ? insert() : dice.pick(...kindsOfSteps)())
}

/** All that a store knows of what a sequence made. */
const stateOf = Effect.fnUntraced(function* ({ counts, repo }: Side, world: World) {
  return {
    flows: saidInAnyOrder(yield* counts.flows(plenty)),
    oldestPending: saidInAnyOrder(yield* counts.oldestPending(groups.map(({ type }) => type))),
    jobs: said(yield* repo.find(world.jobs)),
    histories: yield* Effect.forEach(world.jobs, (id) => Effect.map(repo.history(id), said)),
    versions: yield* Effect.forEach(world.jobs, repo.version),
    logs: yield* Effect.forEach(world.jobs, (id) => Effect.map(repo.readLog(id, 0, null), said)),
    progress: yield* Effect.forEach(world.claimed, ({ attempt }) =>
      repo.progressSince(attempt.id, 0, plenty)
    ),
    attempts: yield* Effect.forEach(world.claimed, ({ attempt, job }) =>
      Effect.map(repo.findAttempt(job.id, attempt.id), said)
    ),
    pendingGroups: saidInAnyOrder(yield* repo.pendingGroups),
    all: said(yield* repo.list({ limit: plenty }))
  }
})

let millis = Date.UTC(2030, 0, 31, 12)
const storeClock = Layer.succeed(
  StoreClock,
  Effect.sync(() => millis)
)

// The memory's clock is that of Effect.
const onClock = (repo: Repo): Repo => {
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => millis,
    currentTimeMillis: Effect.sync(() => millis),
    currentTimeNanosUnsafe: () => BigInt(millis) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(millis) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(millis) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(millis) * 1_000_000n),
    sleep: () => Effect.void
  }
  const timed = <A>(effect: Effect.Effect<A>) => Effect.provideService(effect, Clock.Clock, clock)
  return {
    ...repo,
    insert: (batch) => timed(repo.insert(batch)),
    claim: (claim) => timed(repo.claim(claim)),
    end: (batch) => timed(repo.end(batch)),
    renew: (batch) => timed(repo.renew(batch)),
    recordProgress: (batch) => timed(repo.recordProgress(batch)),
    cancel: (batch) => timed(repo.cancel(batch)),
    retry: (batch) => timed(repo.retry(batch)),
    amend: (batch) => timed(repo.amend(batch)),
    overdue: (limit) => timed(repo.overdue(limit)),
    promote: (limit) => timed(repo.promote(limit)),
    expire: (limit) => timed(repo.expire(limit)),
    unclaimed: (patience, limit) => timed(repo.unclaimed(patience, limit)),
    relaxed: (waits, limit) => timed(repo.relaxed(waits, limit)),
    outlook: (question) => timed(repo.outlook(question)),
    forgetKeys: (limit) => timed(repo.forgetKeys(limit))
  }
}

const emptyTables = `
  with job as (delete from job), job_payload as (delete from job_payload), attempt as (delete from attempt),
    progress_event as (delete from progress_event), job_retry as (delete from job_retry),
    job_amendment as (delete from job_amendment),
    duty_mark as (update duty_mark set at = '-infinity'),
    job_flow as (delete from job_flow), begun_attempts as (delete from begun_attempts)
  delete from idempotency_key`

const runSequence = Effect.fnUntraced(function* (seed: string) {
  const sql = yield* PgClient
  yield* sql.unsafe(emptyTables)
  // What was just emptied was counted as well.
  yield* sql.unsafe("delete from job_flow_delta")
  const sideOf = (layer: Layer.Layer<JobRepo | CountsRepo, never, PgClient>, wrap: (repo: Repo) => Repo) =>
    Effect.map(Layer.build(layer), (context): Side => ({
      repo: wrap(Context.get(context, JobRepo)),
      counts: Context.get(context, CountsRepo),
      groups: new Map()
    }))
  const memory = yield* sideOf(Layer.fresh(MemoryStore.layer), onClock)
  const postgres = yield* sideOf(
    Layer.fresh(PostgresStore.layer).pipe(Layer.provide(storeClock)),
    (repo) => repo
  )
  const world = new World()
  const dice = makeDice(seed)
  const nextStep = makeSteps(dice, world, () => millis)
  for (let number = 1; number <= steps; number++) {
    // Rarely so long that a key is forgotten.
    millis += dice.pick(0, 0, dice.below(100), dice.below(1_500), dice.below(50) === 0 ? 86_400_000 : 1)
    const step = nextStep(number)
    const expected = yield* step(memory)
    assert.deepStrictEqual(
      yield* step(postgres),
      expected,
      `step ${number} of the sequence with the seed ${seed}`
    )
  }
  assert.deepStrictEqual(
    yield* stateOf(postgres, world),
    yield* stateOf(memory, world),
    `after the sequence with the seed ${seed}`
  )
}, Effect.scoped)

it.live(
  "the stores give the same answers to the same steps, and end in the same state",
  () =>
    Effect.gen(function* () {
      yield* Migrations.migrate
      const again = process.env["DIFFERENTIAL_SEED"]
      const seeds =
        again === undefined ? Arr.makeBy(sequences, (index) => `${Date.now()}-${index}`) : Arr.of(again)
      yield* Effect.forEach(
        seeds,
        (seed) => Effect.tapCause(runSequence(seed), () => Effect.logError(`failed with the seed ${seed}`)),
        { discard: true }
      )
    }).pipe(Effect.provide(newDatabaseLayer)),
  180_000
)
