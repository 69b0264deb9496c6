/** Why none of the workers that are alive can take a job. */
import { DateTime } from "effect"
import {
  type Ability,
  type Check,
  constraintText,
  type Kept,
  nearestMissOf,
  rejecting,
  valueText
} from "./Ability.ts"
import { counted } from "../counted.ts"
import { shorten } from "../events/BossEvent.ts"
import { type ConstraintView, mostNamed, type Reason } from "./Explanation.ts"
import type { JobRecord } from "../jobs/Job.ts"
import type { Takers } from "../jobs/JobChange.ts"

type Subject = Pick<JobRecord, "group" | "runAt">

/** A constraint as it is shown. */
export const viewOf = (
  { constraint, isRequired, missing, nearest, rejects }: Check,
  { runAt }: Subject
): ConstraintView => ({
  constraint,
  required: isRequired,
  relaxesAt:
    constraint.relaxAfter === undefined ? null : DateTime.add(runAt, { milliseconds: constraint.relaxAfter }),
  rejects,
  missing,
  nearest
})

/** That no worker can, of all or of those that were looked at. */
const nobodyCan = ({ areAll }: Ability): string =>
  areAll ? "No live worker can take it" : "No live worker that was looked at can take it"

const rejection = (check: Check, ability: Ability, job: Subject): Reason => {
  const { asking } = ability
  const { constraint, missing, nearest, rejects } = check
  const view = viewOf(check, job)
  const text = constraintText(constraint)
  const workers = counted(asking, "live worker")
  const who =
    asking === 1
      ? `the ${workers} that asks for its type does not satisfy ${text}`
      : rejects === asking
        ? `none of the ${workers} that ask for its type satisfies ${text}`
        : `${text} rejects ${rejects} of the ${workers} that ask for its type`
  const lacks =
    rejects === 1 ? "it does not have" : missing === asking ? "none of them has" : "they do not have"
  const near =
    nearest === null
      ? `${lacks} the skill ${constraint.skill}`
      : `the nearest is ${nearest.worker}, whose ${constraint.skill} is ${valueText(nearest.value)}`
  const relaxes =
    view.relaxesAt === null ? "" : `; it is required until ${DateTime.formatIso(view.relaxesAt)}`
  return {
    code: "constraint",
    asking,
    ...view,
    sentence: `${nobodyCan(ability)}: ${who}; ${near}${relaxes}.`
  }
}

const whys: { readonly [Why in Kept["why"]]: string } = {
  paused: "paused",
  banned: "banned",
  quarantine: "in quarantine for its type"
}

const restriction = (kept: Ability["kept"]): Reason => {
  const named = kept
    .slice(0, mostNamed)
    .map(({ kept: { until, why }, name }) => ({ worker: name, why, until }))
  const ends = kept.flatMap(({ kept: { until } }) => until ?? [])
  const until = ends.length === 0 ? null : ends.reduce((first, end) => DateTime.min(first, end))
  const listed = named.map(
    ({ until: end, why, worker }) =>
      `${worker} is ${whys[why]}${end === null ? "" : ` until ${DateTime.formatIso(end)}`}`
  )
  const others = kept.length > named.length ? `, and ${kept.length - named.length} more` : ""
  return {
    code: "worker-restricted",
    count: kept.length,
    workers: named,
    until,
    sentence: `Whoever could take it gets no such jobs for now: ${listed.join(", ")}${others}.`
  }
}

const refusal = (workers: number): Reason => {
  const sentence =
    workers === 1
      ? "The 1 live worker that could take it does not accept it (accepts)."
      : `Of the ${workers} live workers that could take it none accepts it (accepts).`
  return { code: "accepts", workers, sentence }
}

const reasonsOf = (ability: Ability, job: Subject): ReadonlyArray<Reason> => {
  const { able, asking, kept, live, refusing } = ability
  const { type } = job.group
  if (able.length > 0) return []
  if (live === 0) return [{ code: "no-live-worker", sentence: "No worker is alive that could take it." }]
  if (asking === 0) {
    const who = live === 1 ? "the 1 live worker does not ask" : `none of the ${live} live workers asks`
    return [{ code: "type", type, sentence: `${nobodyCan(ability)}: ${who} for jobs of type ${type}.` }]
  }
  if (kept.length + refusing > 0) {
    return [...(kept.length > 0 ? [restriction(kept)] : []), ...(refusing > 0 ? [refusal(refusing)] : [])]
  }
  return rejecting(ability).map((check) => rejection(check, ability, job))
}

/** Reasons that speak of all workers: if not all were looked at, they say so. */
export const ofThoseLookedAt = (
  { areAll, live }: Ability,
  reasons: ReadonlyArray<Reason>
): ReadonlyArray<Reason> => {
  if (areAll) return reasons
  const only = `Only the first ${live} live workers by name were looked at.`
  return reasons.map((reason) => ({ ...reason, sentence: `${reason.sentence} ${only}` }))
}

/** Why nobody could take the job of those who were looked at; nothing if somebody can. */
export const explainNobody = (ability: Ability, job: Subject): ReadonlyArray<Reason> =>
  ofThoseLookedAt(ability, reasonsOf(ability, job))

/** How many live workers could take an unclaimed job; if none can, why not. */
export const takersOf = (ability: Ability, job: Subject): Takers => {
  const [reason] = explainNobody(ability, job)
  return {
    able: ability.able.length,
    atLeast: !ability.areAll,
    reason: reason === undefined ? null : shorten(reason.sentence),
    nearest: nearestMissOf(ability)
  }
}
