/** Steps of the life of jobs: created, given away, kept alive, ended, decided upon, read. */
import { type Array as Arr, DateTime, Duration, Effect, Equal } from "effect"
import type { Amendment } from "../../../src/domain/jobs/Amendment.ts"
import { JobId } from "../../../src/domain/Identifiers.ts"
import type { AttemptEnd } from "../../../src/domain/attempts/AttemptEnd.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import type { ProgressEvent, ProgressWrite } from "../../../src/domain/attempts/SignOfLife.ts"
import type { JobInsert } from "../../../src/domain/jobs/Submission.ts"
import type { JsonValue } from "../../../src/domain/Json.ts"
import type { JobStatus } from "../../../src/domain/jobs/Job.ts"
import type { JobGroup } from "../../../src/domain/matching/Matching.ts"
import { groups, makeClaims, workers } from "../randomClaims.ts"
import { cancellation, newJob, progressWrite, transition } from "../StoreKit.ts"
import { Answer, said, saidOfLiving, toldOf, toldOfClaim } from "./said.ts"
import type { Making, Step } from "./Side.ts"

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

const groupIndex = ({ constraints, fairnessKey, priority, type }: Omit<JobGroup, "id">) =>
  groups.findIndex(
    (group) =>
      group.type === type &&
      group.priority === priority &&
      group.fairnessKey === fairnessKey &&
      JSON.stringify(group.constraints) === JSON.stringify(constraints)
  )

/** A job of the sequence, or one that there is not. */
export const someJob = ({ dice, world }: Making): JobId => dice.from(world.jobs) ?? JobId.make(dice.uuid())

/** A new job that may be of a project or a schedule. */
export const makeJob = ({ dice, world }: Making, wishes: Partial<JobInsert> = {}): JobInsert => {
  const clock = () => Duration.millis(1 + dice.below(5_000))
  const id = JobId.make(dice.uuid())
  world.jobs.push(id)
  return newJob({
    id,
    group: dice.pick(...groups),
    parameters: dice.pick(...values),
    tags: dice.some(tags),
    runAt: dice.pick(null, null, DateTime.makeUnsafe(world.now + dice.below(4_000) - 1_000)),
    delay: dice.pick(null, null, Duration.millis(dice.below(2_000))),
    expiresIn: dice.pick(null, null, null, Duration.millis(1 + dice.below(8_000))),
    maxAttempts: dice.maybe(3),
    lease: dice.maybe(clock()),
    maxRun: dice.maybe(clock()),
    ...wishes
  })
}

/** Learns how a store calls the groups of new jobs. */
export const learn = (known: Map<number, JobGroup>, jobs: ReadonlyArray<{ readonly group: JobGroup }>) => {
  for (const { group } of jobs) known.set(groupIndex(group), group)
}

export const jobSteps = (making: Making) => {
  const { dice, world } = making
  const millis = (most: number) => Duration.millis(dice.below(most))
  // Mostly those that may still be live.
  const anyClaimed = () => dice.from(dice.below(4) === 0 ? world.claimed : world.claimed.slice(-4))
  const anyBegunJob = () => anyClaimed()?.job.id ?? someJob(making)
  const anyJob = () => dice.pick(() => someJob(making), anyBegunJob)()
  const claims = () => dice.times(3, anyClaimed).filter((claimed) => claimed !== undefined)
  const ofAttempt = (claimed: ClaimedJob): ClaimedJob =>
    dice.below(12) === 0 ? { ...claimed, job: { ...claimed.job, id: someJob(making) } } : claimed

  const insert = (): Step => {
    const batch = dice.times(3, () => ({
      jobs: dice.times(3, () =>
        makeJob(making, { project: dice.pick(null, null, dice.from(world.projects) ?? null) })
      ),
      idempotency: dice.pick(null, null, null, { key: dice.pick("k", "l"), fingerprint: dice.pick("f", "g") })
    }))
    return ({ groups, repo }) =>
      Effect.map(repo.insert(batch), (answers) => {
        for (const answer of answers) if (answer._tag === "Created") learn(groups, answer.jobs)
        return said(answers)
      })
  }

  const claim = (): Step => {
    const { attempts, seekers, sourcesOf } = makeClaims(dice).claim()
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
          return new Answer({
            done: said(claimed.jobs.map((one) => [one.seeker, toldOfClaim(one)])),
            besides: said({
              ...claimed,
              jobs: null,
              // How many jobs are looked at, and so known afterwards, is for each store to decide, but what was wanted in vain.
              drained: claimed.jobs.length < attempts.length ? claimed.drained.map(indexOf) : null,
              later: claimed.later.map(({ group, left }) => [indexOf(group), left]),
              heads: null
            })
          })
        }
      )
  }

  const end = (): Step => {
    const batch = claims().map((claimed): AttemptEnd => {
      const { attempt, job } = ofAttempt(claimed)
      const to = transition(dice.pick("failed", "lost", ...kinds), {
        result: dice.pick(...values),
        error: dice.pick(...values)
      })
      return {
        job: job.id,
        attempt: attempt.id,
        transition: to.status === "scheduled" ? { ...to, wait: Duration.millis(1 + dice.below(1_500)) } : to,
        worker: dice.pick(null, attempt.worker, attempt.worker, attempt.worker, dice.pick(...workers)),
        // Most ends take effect: they are what much else begins with.
        cancelling: dice.chance(0.8) ? null : dice.chance(0.5),
        onlyIfOverdue: dice.chance(0.15)
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
      const events = dice.some([1, 2, 3, 4]).map((step): ProgressEvent => ({
        id: mark + step,
        event: dice.pick("log_chunk", "log_chunk", "log_chunk", "note"),
        data: dice.pick("", "a\u0000", "éé", "0123456789", "0123456789")
      }))
      return progressWrite(ofAttempt(claimed), mark, {
        events,
        percent: dice.maybe(dice.below(100)),
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
      cancellation(anyJob(), millis(1_000), {
        by: dice.maybe("v"),
        reason: dice.maybe("\u0000")
      })
    )
    return ({ repo }) => Effect.map(repo.cancel(batch), said)
  }

  const retry = (): Step => {
    const batch = dice.times(4, () => dice.pick(anyJob, anyBegunJob)())
    return ({ repo }) => Effect.map(repo.retry(batch), said)
  }

  const amend = (): Step => {
    const batch = dice.times(3, () => ({
      job: anyJob(),
      amendment: dice.pick<Amendment>(
        { priority: dice.below(2) },
        { tags: dice.some(tags) },
        { runAt: DateTime.makeUnsafe(world.now + dice.below(3_000) - 1_000), priority: 1 }
      )
    }))
    return ({ repo }) => Effect.map(repo.amend(batch), said)
  }

  const trimLog = (): Step => {
    const [job, cap] = [anyBegunJob(), dice.below(8)]
    return ({ repo }) =>
      Effect.gen(function* () {
        const log = Effect.map(repo.readLog(job, 0, null), said)
        const before = yield* log
        yield* repo.trimLog(job, cap)
        const after = yield* log
        return new Answer({ done: !Equal.equals(before, after), besides: after })
      })
  }

  const readLog = (): Step => {
    const [job, start, end] = [anyBegunJob(), dice.below(40) - 20, dice.maybe(dice.below(60))]
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

  return { insert, claim, end, renew, recordProgress, cancel, retry, amend, trimLog, readLog, list }
}
