/** Why a job is where it is, as data and in words: how `GET /jobs/{id}/explain` answers. */
import { Schema } from "effect"
import { Kept } from "./Ability.ts"
import { Outcome, RunnerUp } from "../attempts/Attempt.ts"
import { Constraint } from "../matching/Constraint.ts"
import { DurationText } from "../Duration.ts"
import { AttemptId, JobId, Name } from "../Identifiers.ts"
import { JobStatus } from "../jobs/Job.ts"
import { JsonValue } from "../Json.ts"
import { Timestamp } from "../Timestamp.ts"

const Text = Schema.NullOr(Schema.String)

/** At most this many of the workers that are kept from a job are named. */
export const mostNamed = 10

/** A constraint of the job, and what it makes of the workers that are alive and ask for its type. */
export const ConstraintView = Schema.Struct({
  constraint: Constraint,
  /** Whether it keeps the job from those that do not satisfy it, or is a wish. */
  required: Schema.Boolean,
  /** When it becomes or became a wish; null if it never does. */
  relaxesAt: Schema.NullOr(Timestamp),
  /** How many do not satisfy it. */
  rejects: Schema.Int,
  /** How many of these do not have the skill at all. */
  missing: Schema.Int,
  /** Who comes nearest to it of those that do not satisfy it, with what is there; null if none has the skill. */
  nearest: Schema.NullOr(Schema.Struct({ worker: Name, value: JsonValue }))
})
export type ConstraintView = typeof ConstraintView.Type

const KeptWorker = Schema.Struct({
  worker: Name,
  why: Kept.fields.why,
  until: Schema.NullOr(Timestamp)
})

const because = <const Code extends string, Fields extends Schema.Struct.Fields>(
  code: Code,
  fields: Fields
) => Schema.Struct({ code: Schema.Literal(code), sentence: Schema.String, ...fields })

/** One reason, by its code: the sentence says it to people, the rest to programs. */
export const Reason = Schema.Union([
  // Waiting for its time.
  /** `retry` is of the attempt after whose end it is to be tried again; null if it was created for later. */
  because("scheduled", {
    until: Timestamp,
    retry: Schema.NullOr(
      Schema.Struct({
        attempt: AttemptId,
        number: Schema.Int,
        worker: Name,
        outcome: Schema.NullOr(Outcome),
        error: Text
      })
    )
  }),
  // Nobody can take it.
  because("no-live-worker", {}),
  /** No live worker asks for the type. */
  because("type", { type: Name }),
  /** `asking` live workers ask for the type, of which this constraint rejects `rejects`. */
  because("constraint", { asking: Schema.Int, ...ConstraintView.fields }),
  /** All that could take it are kept from it. `workers` names at most ten of them; `until` is the first end of a quarantine. */
  because("worker-restricted", {
    count: Schema.Int,
    workers: Schema.Array(KeptWorker),
    until: Schema.NullOr(Timestamp)
  }),
  // Nobody may have it for now.
  because("paused", { type: Name }),
  because("concurrency", { limit: Schema.Int, running: Schema.Int }),
  because("per-fairness-key", {
    fairnessKey: Text,
    limit: Schema.Int,
    running: Schema.Int
  }),
  because("rate-limit", { limit: Schema.Int, period: DurationText, roomAt: Timestamp }),
  /** All that could take it have as many of the type as one may have. */
  because("per-worker", { limit: Schema.Int, workers: Schema.Int }),
  /** `workers` live workers could take it, and do not accept it. */
  because("accepts", { workers: Schema.Int }),
  /** It is kept for a better worker. */
  because("patience", { worker: Name, score: Schema.Finite, until: Timestamp }),
  because("place-in-line", { ahead: Schema.Int, atLeast: Schema.Boolean }),
  // In the hands of a worker.
  because("running", { worker: Name, since: Timestamp, leaseExpiresAt: Timestamp }),
  because("cancelling", { by: Text, reason: Text, until: Timestamp }),
  // Finished.
  because("done", { worker: Schema.NullOr(Name), at: Schema.NullOr(Timestamp) }),
  because("attempts-spent", { failures: Schema.Int, maxAttempts: Schema.Int, error: Text }),
  because("not-retryable", { error: Text }),
  because("lost-too-often", { losses: Schema.Int, maxLost: Schema.Int }),
  because("expired", { at: Schema.NullOr(Timestamp) }),
  because("cancelled", { by: Text, reason: Text, at: Schema.NullOr(Timestamp) })
])
export type Reason = typeof Reason.Type

/** Why a job is where it is. */
export const Explanation = Schema.Struct({
  job: JobId,
  type: Name,
  status: JobStatus,
  /** The first reason, which outweighs the others. */
  summary: Schema.String,
  reasons: Schema.Array(Reason),
  /** Of a job that waits. */
  constraints: Schema.Array(ConstraintView),
  /**
   * Of a job that waits: how many workers are alive, ask for its type, could take it, are running others, and wait at this
   * server for work such as this. Of more than 1,000 live workers only the first by name are counted, `atLeast` so many.
   */
  workers: Schema.NullOr(
    Schema.Struct({
      live: Schema.Int,
      atLeast: Schema.Boolean,
      asking: Schema.Int,
      able: Schema.Int,
      busy: Schema.Int,
      waiting: Schema.Int
    })
  ),
  /**
   * Of a pending job: how many jobs come before it of those that are alike to the matcher (of the same type, priority,
   * constraints and fairness key). `atLeast` is true if there may be more.
   */
  place: Schema.NullOr(Schema.Struct({ ahead: Schema.Int, atLeast: Schema.Boolean })),
  /** Of a job that runs or has run: who got it, and why. */
  assignment: Schema.NullOr(
    Schema.Struct({
      worker: Name,
      attempt: AttemptId,
      number: Schema.Int,
      score: Schema.NullOr(Schema.Finite),
      runnersUp: Schema.Array(RunnerUp),
      since: Timestamp,
      leaseExpiresAt: Timestamp,
      runUntil: Timestamp,
      endedAt: Schema.NullOr(Timestamp),
      outcome: Schema.NullOr(Outcome)
    })
  )
}).annotate({ identifier: "Explanation" })
export type Explanation = typeof Explanation.Type
