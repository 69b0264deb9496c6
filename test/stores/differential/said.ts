/** What a store answers, as it can be compared with what another answers. */
import { Data, DateTime, Duration, Predicate } from "effect"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import type { Renewed } from "../../../src/domain/attempts/SignOfLife.ts"
import type { ChangedJob } from "../../../src/domain/jobs/Job.ts"
import type { JobGroup } from "../../../src/domain/matching/Matching.ts"
import { changeOf } from "../StoreKit.ts"

const isGroup = (value: object): value is JobGroup =>
  Predicate.hasProperty(value, "constraints") && Predicate.hasProperty(value, "priority")

/** What an answer says, whatever it is made of: without the ids of groups, which each store gives by itself. */
export const said = (value: unknown): unknown => {
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

export const toldOf = (job: ChangedJob | null) => job && said(changeOf(job))
/** What is said of living attempts, and of the jobs that have just been started no more than must be. */
export const saidOfLiving = (answers: ReadonlyArray<Renewed>) =>
  answers.map((living) => living && [said({ ...living, started: null }), toldOf(living.started)])
export const toldOfClaim = ({ attempt, job }: ClaimedJob) => [toldOf(job), job.parameters, attempt]

const byText = (left: unknown, right: unknown) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)

/** What a list says, whose order among what is due at the same time is each store's own. */
export const saidInAnyOrder = (list: ReadonlyArray<unknown>) => list.map(said).toSorted(byText)

/** What a schedule says, without its version, which each store counts by itself. */
export const saidOfSchedule = (schedule: { readonly version: number }) => said({ ...schedule, version: null })

/** An answer of which only one part says whether anything was done or found. */
export class Answer extends Data.Class<{ readonly done: unknown; readonly besides: unknown }> {}

/** Whether an answer says that anything was done or found: it is neither null nor zero nor empty, nor made of such alone. */
export const saysSomething = (answer: unknown): boolean => {
  if (answer instanceof Answer) return saysSomething(answer.done)
  if (Predicate.isObjectOrArray(answer)) return Object.values(answer).some(saysSomething)
  return Boolean(answer)
}
