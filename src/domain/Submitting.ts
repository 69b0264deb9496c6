/** How jobs come in. */
import { Effect, Option } from "effect"
import { Digest } from "effect/crypto"
import { type Caller, ownerOf } from "./Caller.ts"
import { IdempotencyConflict, JobDeleted } from "./Errors.ts"
import { EventHub } from "./EventHub.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as JobInserts from "./JobInserts.ts"
import { canonicalJson } from "./Json.ts"
import type { JobRecord, NewJob } from "./Job.ts"
import { JobRepo, type Submission, type Submitted as Insertion } from "./JobRepo.ts"

/** A batch of so many jobs takes no further submission, which may itself hold up to 1,000. */
const largestBatch = 1_000
/** A submission counts for at least so many, for a single job may be large. */
const leastSize = 4

/** What makes a repetition of a request recognisable. Keys of different callers are different keys. */
export interface Idempotency {
  readonly key: string
  /** The whole body of the request. */
  readonly body: unknown
}

/** The jobs, and whether they are those of an earlier request with the same key. */
export interface Submitted {
  readonly jobs: ReadonlyArray<JobRecord>
  readonly isRepeated: boolean
}

export const make = Effect.gen(function* () {
  const repo = yield* JobRepo
  const hub = yield* EventHub
  const toInsert = yield* JobInserts.make
  const digest = yield* Digest.Digest

  const insert = yield* GroupCommit.make<Submission, Insertion>({
    enough: largestBatch,
    sizeOf: ({ jobs }) => Math.max(jobs.length, leastSize),
    write: repo.insert,
    tell: (_, results) =>
      hub.publish(
        "created",
        results.flatMap((result) => (result._tag === "Created" ? result.jobs : []))
      )
  })

  const fingerprint = (body: unknown) =>
    digest.digestHex(Digest.sha256, new TextEncoder().encode(canonicalJson(body)))

  // No name has a space in it, so that no two callers can mean the same.
  const scopedKey = (caller: Caller, key: string) => `${ownerOf(caller) ?? ""} ${key}`

  /** Stores the jobs, all or none, or finds those of an earlier request with the same key and body. */
  const submit = Effect.fnUntraced(function* (
    jobs: ReadonlyArray<NewJob>,
    caller: Caller,
    idempotency: Option.Option<Idempotency>
  ): Effect.fn.Return<Submitted, IdempotencyConflict | JobDeleted> {
    const identification = Option.isNone(idempotency)
      ? null
      : {
          key: scopedKey(caller, idempotency.value.key),
          fingerprint: yield* fingerprint(idempotency.value.body)
        }
    const origin = { createdBy: ownerOf(caller), schedule: null }
    const result = yield* insert({
      jobs: yield* Effect.forEach(jobs, (job) => toInsert(job, origin)),
      idempotency: identification
    })
    if (result._tag === "Created") return { jobs: result.jobs, isRepeated: false }
    if (result.fingerprint !== identification?.fingerprint) {
      return yield* new IdempotencyConflict({
        detail: "this Idempotency-Key came with another body before: use a new key for a new request"
      })
    }
    const found = (yield* repo.find(result.jobs)).filter((job) => job !== null)
    if (found.length < result.jobs.length) {
      return yield* new JobDeleted({
        detail:
          "this Idempotency-Key created jobs that have since been deleted, by the retention of their policy"
      })
    }
    return { jobs: found, isRepeated: true }
  })

  return { submit }
})
