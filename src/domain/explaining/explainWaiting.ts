/** Why a job waits, for its time or for a worker. */
import { DateTime } from "effect"
import { type Ability, abilityOf, type Living } from "./Ability.ts"
import { accepts } from "../matching/Acceptance.ts"
import type { BetterWorker } from "../matching/Candidates.ts"
import { counted } from "../counted.ts"
import { errorInLine } from "../errorInLine.ts"
import { inShort } from "../events/eventsOf.ts"
import { explainLimits } from "./explainLimits.ts"
import { explainNobody, viewOf } from "./explainNobody.ts"
import type { Explanation, Reason } from "./Explanation.ts"
import type { JobRecord } from "../jobs/Job.ts"
import { mostAhead, type Outlook } from "./Outlook.ts"
import { limitsOf } from "../matching/Limits.ts"
import { match, type Suitability } from "../matching/Matching.ts"
import type { Policy } from "../policies/Policy.ts"
import type { Vacancy } from "../dispatching/Vacancies.ts"

/** What is known beside a job that waits. */
export interface WaitingFacts {
  readonly living: Living
  /** Who waits for work at this server. */
  readonly vacancies: ReadonlyArray<Pick<Vacancy, "suitability" | "worker">>
  /** Of a pending job; null while its time has not come. */
  readonly outlook: Outlook | null
  /** Somebody who is alive and for whom it may be kept, unless it has failed it before. */
  readonly better: BetterWorker | null
}

const isAccepted = ({ accepts: demands }: Suitability, { group, project, tags }: JobRecord): boolean =>
  accepts(demands, { ...group, project, tags })

const explainTime = ({ attempt, attempts, runAt }: JobRecord): Reason => {
  const until = DateTime.formatIso(runAt)
  const isRetry =
    attempts > 0 &&
    attempt !== null &&
    attempt.nextRunAt !== null &&
    DateTime.Equivalence(attempt.nextRunAt, runAt)
  if (!isRetry)
    return { code: "scheduled", until: runAt, retry: null, sentence: `Its time comes at ${until}.` }
  const { id, number, outcome, worker } = attempt
  const error = inShort(attempt.error)
  const retry = { attempt: id, number, worker, outcome, error }
  const said = errorInLine(attempt.error)
  const why = said === null ? "" : ` (${said})`
  const sentence = `It is tried again at ${until}, after attempt ${number} ended as ${outcome} at ${worker}${why}.`
  return { code: "scheduled", until: runAt, retry, sentence }
}

/** How many wait here that could take the job now. */
const waitingFor = (
  job: JobRecord,
  { living: { workers }, vacancies }: WaitingFacts,
  waited: number
): number => {
  const kept = new Set(workers.flatMap((worker) => (worker.kept === null ? [] : [worker.name])))
  const able = vacancies.filter(({ suitability, worker }) => {
    const matched = match(suitability, job.group)
    return (
      matched !== null && matched.eligibleAfter <= waited && !kept.has(worker) && isAccepted(suitability, job)
    )
  })
  return new Set(able.map(({ worker }) => worker)).size
}

const explainPause = ({ group: { type } }: JobRecord, { paused }: Policy): ReadonlyArray<Reason> =>
  paused
    ? [{ code: "paused", type, sentence: `Type ${type} is paused: none of its jobs are given out.` }]
    : []

const explainPatience = (
  runAt: DateTime.Utc,
  better: BetterWorker | null,
  waited: number
): ReadonlyArray<Reason> => {
  if (better === null || waited >= better.patience) return []
  const { score, worker } = better
  const until = DateTime.add(runAt, { milliseconds: better.patience })
  const sentence = `Until ${DateTime.formatIso(until)} it is kept for ${worker}, from whoever suits it with a score of less than ${score} (patience).`
  return [{ code: "patience", worker, score, until, sentence }]
}

const workersOf = (
  { able, areAll, asking, live }: Ability,
  waiting: number
): NonNullable<Explanation["workers"]> => ({
  live,
  atLeast: !areAll,
  asking,
  able: able.length,
  busy: able.filter(({ running }) => running > 0).length,
  waiting
})

const placeText = ({ ahead, atLeast }: NonNullable<Explanation["place"]>): string => {
  if (ahead === 0) return "It is the next of its kind"
  return `${atLeast ? "At least " : ""}${counted(ahead, "job")} of its kind ${ahead === 1 ? "comes" : "come"} before it`
}

/** A number of somebody who does something, in a sentence. */
const many = (count: number, one: string, several: string): string =>
  `${count === 0 ? "none" : count} ${count > 1 ? several : one}`

const takersText = ({ able, atLeast, busy, waiting }: NonNullable<Explanation["workers"]>): string => {
  if (able === 0) return ""
  const could = `; ${atLeast ? "at least " : ""}${counted(able, "live worker")} could take it`
  if (able === 1) {
    return `${could}, which is ${busy === 0 ? "not " : ""}running others and ${waiting === 0 ? "does not wait" : "waits"} for work here`
  }
  return `${could}, of which ${many(busy, "is", "are")} running others and ${many(waiting, "waits", "wait")} for work here`
}

const explainPlace = (
  place: NonNullable<Explanation["place"]>,
  workers: NonNullable<Explanation["workers"]>
): Reason => ({ code: "place-in-line", ...place, sentence: `${placeText(place)}${takersText(workers)}.` })

export const explainWaiting = (
  job: JobRecord,
  policy: Policy,
  facts: WaitingFacts
): Pick<Explanation, "reasons" | "constraints" | "workers" | "place"> => {
  const { better, outlook } = facts
  const { group, runAt } = job
  const waited =
    outlook === null ? 0 : Math.max(0, DateTime.toEpochMillis(outlook.at) - DateTime.toEpochMillis(runAt))
  const ability = abilityOf(facts.living, group, waited, (worker) => isAccepted(worker, job))
  const workers = workersOf(ability, waitingFor(job, facts, waited))
  const constraints = ability.checks.map((check) => viewOf(check, job))
  if (outlook === null) return { reasons: [explainTime(job)], constraints, workers, place: null }
  const { ahead, at, usage } = outlook
  const place = { ahead, atLeast: ahead >= mostAhead }
  const limits = limitsOf(policy)
  return {
    reasons: [
      ...explainPause(job, policy),
      ...explainNobody(ability, job),
      ...(limits === null || usage === null ? [] : explainLimits({ limits, usage }, group, ability, at)),
      ...explainPatience(runAt, better, waited),
      explainPlace(place, workers)
    ],
    constraints,
    workers,
    place
  }
}
