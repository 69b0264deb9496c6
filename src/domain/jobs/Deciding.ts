/** Carries out what the owner of a job or a supervisor decides on it: to cancel it, to retry it, to change it. */
import { Array as Arr, Effect } from "effect"
import { type Caller, mayDecideOn, nameOf } from "../access/Caller.ts"
import { JobFinished, type JobNotFound, JobNotRetryable, JobRunning, NotYours } from "../Errors.ts"
import { EventHub } from "../events/EventHub.ts"
import * as GroupCommit from "../GroupCommit.ts"
import type { JobId } from "../Identifiers.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import type { Amended, Amendment, JobAmending } from "./Amendment.ts"
import type { Cancellation } from "./Cancellation.ts"
import { isFinished, type JobJson, type JobRecord } from "./Job.ts"
import { toJob } from "./toJob.ts"
import { JobRepo } from "./JobRepo.ts"
import { needJob } from "./needJob.ts"
import { tellRelaxed } from "./tellRelaxed.ts"

/** At most this many cancellations, retries or amendments go into one batch. */
const largestBatch = 1_000

/** A retry by hand, and the name of who asks for it; null without a name. */
interface RetryRequest {
  readonly job: JobId
  readonly by: string | null
}

export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const policies = yield* SupervisorPolicy

  const storeCancellation = yield* GroupCommit.make<Cancellation, JobRecord | null>({
    enough: largestBatch,
    write: repo.cancel,
    tell: (_, jobs) =>
      hub.publish(
        "cancelled",
        jobs.filter((job) => job !== null)
      )
  })
  const storeRetry = yield* GroupCommit.make<RetryRequest, JobRecord | null>({
    enough: largestBatch,
    write: (batch) => repo.retry(batch.map(({ job }) => job)),
    tell: (batch, answers) => {
      const retried = Arr.zip(batch, answers).flatMap(([{ by }, job]) =>
        job === null ? [] : [{ job, circumstances: { by, error: null } }]
      )
      return hub.publish(
        "retried",
        retried.map(({ job }) => job),
        retried.map(({ circumstances }) => circumstances)
      )
    }
  })

  const storeAmendment = yield* GroupCommit.make<JobAmending, Amended | null>({
    enough: largestBatch,
    write: repo.amend,
    tell: Effect.fnUntraced(function* (_, answers) {
      const amended = answers.filter((one) => one !== null)
      yield* hub.publish(
        "amended",
        amended.map(({ job }) => job)
      )
      // What is past already is told of by nobody else.
      const waited = amended.flatMap(({ job, relaxed }) =>
        relaxed.map((after) => ({ job: { ...job, attempt: null }, after }))
      )
      yield* tellRelaxed(hub, waited)
    })
  })

  const show = (job: JobRecord) => toJob(job, policies.of(job.group.type))

  const need = (id: JobId) => needJob(repo, id)

  // A job that the caller may decide on.
  const needOwn = Effect.fnUntraced(function* (
    id: JobId,
    caller: Caller
  ): Effect.fn.Return<JobRecord, JobNotFound | NotYours> {
    const job = yield* need(id)
    if (mayDecideOn(caller, job)) return job
    return yield* new NotYours({ detail: "only whoever created a job, or a supervisor, decides on it" })
  })

  const finished = (job: JobJson) => new JobFinished({ detail: `the job is ${job.status} already`, job })

  return {
    cancel: Effect.fnUntraced(function* (
      id: JobId,
      caller: Caller,
      reason: string | null
    ): Effect.fn.Return<JobJson, JobNotFound | NotYours | JobFinished> {
      const job = yield* needOwn(id, caller)
      const policy = policies.of(job.group.type)
      const cancelled = yield* storeCancellation({
        job: id,
        grace: policy.cancelGrace,
        request: { by: nameOf(caller), reason }
      })
      if (cancelled !== null) return toJob(cancelled, policy)
      return yield* finished(toJob(yield* need(id), policy))
    }),

    retry: Effect.fnUntraced(function* (
      id: JobId,
      caller: Caller
    ): Effect.fn.Return<JobJson, JobNotFound | NotYours | JobNotRetryable> {
      yield* needOwn(id, caller)
      const retried = yield* storeRetry({ job: id, by: nameOf(caller) })
      if (retried !== null) return show(retried)
      const job = show(yield* need(id))
      return yield* new JobNotRetryable({ detail: `the job is ${job.status}`, job })
    }),

    amend: Effect.fnUntraced(function* (
      id: JobId,
      caller: Caller,
      amendment: Amendment
    ): Effect.fn.Return<JobJson, JobNotFound | NotYours | JobFinished | JobRunning> {
      yield* needOwn(id, caller)
      while (true) {
        const current = yield* need(id)
        const job = show(current)
        if (isFinished(current.status)) return yield* finished(job)
        if (current.status === "processing" && amendment.runAt !== undefined) {
          return yield* new JobRunning({
            detail: "when its next attempt is due is decided when this one ends: runAt cannot be changed now",
            job
          })
        }
        const amended = yield* storeAmendment({ job: id, amendment })
        if (amended !== null) return show(amended.job)
        // Somebody else changed the job in between: what that was decides what is answered.
      }
    })
  }
})
