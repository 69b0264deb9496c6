/** Creates jobs: the one way in for all new jobs of this server, so that those of many callers are stored together. */
import { Context, Data, Effect, Layer, Option } from "effect"
import { Digest } from "effect/crypto"
import { type Caller, ownerOf } from "../access/Caller.ts"
import { IdempotencyConflict, JobDeleted, NotYours, ProjectClosed } from "../Errors.ts"
import { EventHub } from "../events/EventHub.ts"
import * as GroupCommit from "../GroupCommit.ts"
import type { ProjectId } from "../Identifiers.ts"
import * as JobInserts from "./JobInserts.ts"
import { canonicalJson } from "../Json.ts"
import type { JobRecord, NewJob } from "./Job.ts"
import { JobRepo } from "./JobRepo.ts"
import type { Insertion, Submission } from "./Submission.ts"
import { addsToProjectsOf, type ProjectInsert } from "../projects/Project.ts"

/** A batch takes no further submission after this many jobs. A submission may have up to 1,000 itself. */
const largestBatch = 1_000
/** A submission counts for at least this many jobs, for a single one may be large. */
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
  /** The project that was created with them. */
  readonly project: ProjectId | null
}

/** Some jobs name a project that does not exist. `places` are the indexes of these jobs in the request. */
export class UnknownProject extends Data.TaggedError("UnknownProject")<{
  readonly places: ReadonlyArray<number>
}> {}

/** Why jobs are not created. */
export type SubmissionError = IdempotencyConflict | JobDeleted | UnknownProject | NotYours | ProjectClosed

const make = Effect.gen(function* () {
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

  const refused = (
    jobs: ReadonlyArray<NewJob>,
    { project, refusal }: Extract<Insertion, { readonly _tag: "Refused" }>
  ) => {
    const places = jobs.flatMap((job, place) => (job.project === project ? [place] : []))
    switch (refusal) {
      case "unknown":
        return Effect.fail(new UnknownProject({ places }))
      case "foreign":
        return Effect.fail(
          new NotYours({ detail: "only whoever created a project, or a supervisor, adds jobs to it" })
        )
      case "closed":
        return Effect.fail(
          new ProjectClosed({ detail: `the project ${project} is closed and takes no more jobs`, project })
        )
    }
  }

  const submit = Effect.fnUntraced(function* (
    jobs: ReadonlyArray<NewJob>,
    caller: Caller,
    idempotency: Option.Option<Idempotency>,
    newProject?: ProjectInsert
  ): Effect.fn.Return<Submitted, SubmissionError> {
    const identification = Option.isNone(idempotency)
      ? null
      : {
          key: scopedKey(caller, idempotency.value.key),
          fingerprint: yield* fingerprint(idempotency.value.body)
        }
    const origin = { createdBy: ownerOf(caller), schedule: null }
    const result = yield* insert({
      jobs: yield* Effect.forEach(jobs, (job) =>
        toInsert(job, { ...origin, project: newProject?.id ?? job.project ?? null })
      ),
      idempotency: identification,
      newProject,
      projectsOf: addsToProjectsOf(caller)
    })
    if (result._tag === "Created") {
      return { jobs: result.jobs, isRepeated: false, project: newProject?.id ?? null }
    }
    if (result._tag === "Refused") return yield* refused(jobs, result)
    if (result.fingerprint !== identification?.fingerprint) {
      return yield* new IdempotencyConflict({
        detail: "this Idempotency-Key came with another body before: use a new key for a new request"
      })
    }
    const found = (yield* repo.find(result.jobs)).filter((job) => job !== null)
    // A project outlives its jobs, and is what is asked for then.
    if (found.length < result.jobs.length && result.project === null) {
      return yield* new JobDeleted({
        detail:
          "this Idempotency-Key created jobs that have since been deleted, by the retention of their policy"
      })
    }
    return { jobs: found, isRepeated: true, project: result.project }
  })

  return { submit }
})

export class Submitting extends Context.Service<
  Submitting,
  {
    /**
     * Stores the jobs, all or none, or finds those of an earlier request with the same key and body. If there is a new
     * project it is stored with them, and all of them are its own.
     */
    readonly submit: (
      jobs: ReadonlyArray<NewJob>,
      caller: Caller,
      idempotency: Option.Option<Idempotency>,
      newProject?: ProjectInsert
    ) => Effect.Effect<Submitted, SubmissionError>
  }
>()("lazyboss/domain/jobs/Submitting") {
  static readonly layer = Layer.effect(Submitting, make)
}
