/** Whether servers, and those who listen there, hear of what was done at others. */
import { Duration, Effect, Option, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { BulkActions } from "../../../src/domain/jobs/BulkActions.ts"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import { Schedules } from "../../../src/domain/schedules/Schedules.ts"
import { impossible, type Probe, type Prober, second } from "./Prober.ts"

/** Follows a job. Whether the end of it was told. */
const follow = Effect.fnUntraced(function* ({ ask }: Prober, job: JobId) {
  let hasHeard = false
  const read = Effect.gen(function* () {
    const boss = yield* Boss
    const followed = yield* boss.follow(job, Option.none())
    yield* Stream.runForEach(
      Option.getOrElse(followed, () => Stream.empty),
      (told) =>
        Effect.sync(() => {
          if (told._tag === "State") hasHeard = isFinished(told.job.status)
        })
    )
  })
  yield* Effect.forkScoped(ask("follow", read))
  return () => hasHeard
})

/** Polls for the end of a job. Whether that was answered. */
const poll = Effect.fnUntraced(function* ({ ask }: Prober, job: JobId) {
  const polling = yield* Effect.forkScoped(
    ask(
      "wait",
      Effect.flatMap(Boss, (boss) => boss.find(job, Duration.minutes(1)))
    )
  )
  return () => polling.pollUnsafe() !== undefined
})

/** Whoever follows a job, or polls for its end, hears of that. */
export const ended: Probe = Effect.fnUntraced(function* (prober) {
  const job = yield* prober.submit()
  const worker = yield* prober.worker()
  yield* worker.job
  const hasHeard = yield* follow(prober, job)
  const isAnswered = yield* poll(prober, job)
  yield* prober.rest
  yield* worker.finish()
  yield* prober.expect(`the end of ${job} to a follower`, hasHeard)
  yield* prober.expect(`the end of ${job} to a long poll`, isAnswered)
})

/** Whoever follows a job hears that it was cancelled together with others. */
export const cancelledInBulk: Probe = Effect.fnUntraced(function* (prober) {
  const job = yield* prober.submit({ constraints: [impossible] })
  const hasHeard = yield* follow(prober, job)
  yield* prober.rest
  yield* prober.ask(
    "cancel in bulk",
    Effect.flatMap(BulkActions, (actions) =>
      actions.ask({ action: "cancel", filter: { type: prober.type } }, null)
    )
  )
  yield* prober.expect(`the cancellation of ${job} to a follower`, hasHeard)
})

/** A new schedule is fired when its first tick comes. */
export const newSchedule: Probe = Effect.fnUntraced(function* ({ ask, caller, expect, jobs, rest, type }) {
  yield* rest
  yield* ask(
    "put a schedule",
    Effect.flatMap(Schedules, (schedules) =>
      schedules.put(
        type,
        { cron: "*/1 * * * * *", job: { type, constraints: [impossible] }, overlap: "skip" },
        caller
      )
    )
  )
  yield* expect(`the first tick of ${type}`, () => jobs().length > 0, second)
  yield* ask(
    "remove a schedule",
    Effect.flatMap(Schedules, (schedules) => schedules.remove(type, caller))
  )
  for (const { id } of jobs())
    yield* ask(
      "cancel",
      Effect.flatMap(Boss, (boss) => boss.cancel(id, caller, null))
    )
})

/** A policy is soon in force at all servers. */
export const policy: Probe = Effect.fnUntraced(function* (prober) {
  yield* prober.rest
  yield* prober.setPolicy({ paused: true }, ({ paused }) => paused)
  yield* prober.rest
  yield* prober.removePolicy(({ paused }) => !paused)
})
