/**
 * Which job comes first, for a worker that may have several: the priority whose first job has waited longest, a level of it
 * being worth ten minutes; within it the fairness key that was served longest ago; then the job that suits the worker
 * better; then the one that has waited longer. Told of jobs that no server can have missed, and of few groups, for of many
 * only some are looked at.
 */
import { DateTime } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { CheckerMaker } from "../Checker.ts"
import type { Facts } from "../facts/Facts.ts"
import { givenBy } from "../facts/StoreWatch.ts"
import { fitOf } from "./bestWorker.ts"
import { whyNot } from "./rules/eligibility.ts"
import { isFree, isUnrestricted } from "./rules/freedom.ts"

const tenMinutes = 600_000
/** About the groups that are looked at in one claim, shared among the kinds of workers. */
const mostSources = 64
/** Scores are rounded to hundredths. */
const rounding = 0.0151

const dueAt = ({ runAt }: JobRecord): number => DateTime.toEpochMillis(runAt)
const standingOf = (job: JobRecord): number => dueAt(job) - job.group.priority * tenMinutes

/** What was so when a job was given away. */
interface Moment {
  readonly job: JobRecord
  readonly now: number
  /** Jobs that were pending as well, of which every server had heard, and which nothing kept back. */
  readonly rivals: ReadonlyArray<JobRecord>
  /** The first standing of the priority of the job. */
  readonly first: number
  /** When each fairness key was served last, by the count of all; null where servers do not know alike. */
  readonly turns: ReadonlyMap<string | null, number> | null
}

/** Whether turns are known: there is one server, which has never forgotten them, nor given away what it did not hear of. */
const areTurnsKnown = ({ options: { faults, incidents, servers } }: Facts): boolean =>
  servers === 1 && incidents.serverDies === null && incidents.storeAway === null && faults.storeAfter === 0

const hasFailed = (facts: Facts, { failures, id, losses }: JobRecord): boolean =>
  failures + losses > 0 || (facts.state.histories.get(id)?.attempts.length ?? 0) > 1

export const order: CheckerMaker = {
  name: "the order of jobs",
  make: (facts, violated) => {
    const { streamers, workers } = facts.options
    const mostGroups = Math.ceil(mostSources / (workers + streamers + 1)) / 2
    const knowsTurns = areTurnsKnown(facts)
    const heard = new Map<JobId, number>()
    const moments = new Map<string, Moment>()
    let turns = new Map<string | null, number>()
    let served = 0

    const remember = (job: JobRecord): Moment => {
      const pending = [...facts.state.byStatus.pending.values()]
      const free = new Map<string, boolean>()
      const isOfFree = (type: string) => {
        const known = free.get(type) ?? isFree(facts, type)
        free.set(type, known)
        return known
      }
      return {
        job,
        now: facts.now(),
        rivals: pending.filter(
          ({ group, id }) =>
            facts.delays.lateness(heard.get(id) ?? 0) > facts.delays.tick && isOfFree(group.type)
        ),
        first: pending.reduce(
          (least, one) =>
            one.group.priority === job.group.priority ? Math.min(least, standingOf(one)) : least,
          standingOf(job)
        ),
        turns: knowsTurns ? turns : null
      }
    }

    /** Why the rival should have been given rather than the job; null if not. */
    const whyRather = (
      { first, job, now, turns }: Moment,
      rival: JobRecord,
      vacancy: Vacancy,
      score: number
    ) => {
      const { skills } = vacancy.suitability
      if (rival.group.priority !== job.group.priority)
        return standingOf(rival) < first ? "it comes first by its priority" : null
      const [key, other] = [job.group.fairnessKey, rival.group.fairnessKey]
      if (key !== other) {
        if (turns === null) return null
        return (turns.get(other) ?? 0) < (turns.get(key) ?? 0) ? `it is the turn of ${other}` : null
      }
      // What is due ahead, because the clock was set back, has waited for nothing yet.
      const waitedOf = (one: JobRecord) => Math.max(0, now - dueAt(one))
      const levelOf = (one: JobRecord) => Math.floor(waitedOf(one) / tenMinutes)
      if (levelOf(rival) !== levelOf(job))
        return levelOf(rival) > levelOf(job) ? "it has waited longer" : null
      // What is known of a worker beside its skills differs by type, and by what it has failed.
      if (rival.group.type !== job.group.type || hasFailed(facts, rival) || hasFailed(facts, job)) return null
      const fit = (one: JobRecord) => fitOf(one, skills, waitedOf(one))
      if (0.6 * (fit(rival) - fit(job)) > rounding && score > 0) return "it suits the worker better"
      return rival.group.id === job.group.id && dueAt(rival) < dueAt(job) ? "it has waited longer" : null
    }

    return {
      changed: (change) => {
        const { after, id } = change
        if (after?.job.status === "pending") heard.set(id, facts.now())
        else heard.delete(id)
        const job = givenBy(change)
        if (job === null) return
        if (facts.state.groups.size <= mostGroups) moments.set(job.attempt.id, remember(job))
        turns = new Map([...turns, [job.group.fairnessKey, ++served]])
      },
      saw: (sighting) => {
        if (sighting._tag !== "Assigned") return
        const { claimed, vacancy } = sighting
        for (const { attempt } of claimed) {
          const moment = moments.get(attempt.id)
          moments.delete(attempt.id)
          if (moment === undefined || attempt.score === null) continue
          for (const rival of moment.rivals) {
            if (!isUnrestricted(facts, vacancy.worker, rival.group.type)) continue
            // A constraint that was relaxed a moment ago need not have been noticed.
            const pendingFor = moment.now - dueAt(rival) - 40_000
            if (whyNot(vacancy, rival, pendingFor) !== null) continue
            const why = whyRather(moment, rival, vacancy, attempt.score)
            if (why !== null)
              violated(`${moment.job.id} was given to ${vacancy.worker} rather than ${rival.id}: ${why}`)
          }
        }
      }
    }
  }
}
