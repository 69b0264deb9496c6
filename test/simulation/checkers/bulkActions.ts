/**
 * A bulk action deals with all jobs that it meant when it was asked for, and with none that came later: when it is finished
 * they are retried or cancelled, or their workers are asked to stop, and it says how many. The cancelling of a project is one.
 */
import { DateTime } from "effect"
import type { BulkActionId, JobId } from "../../../src/domain/Identifiers.ts"
import type { BulkActionRecord } from "../../../src/domain/jobs/BulkAction.ts"
import { isFinished, type JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

const isAsked = <A>(wanted: A | undefined, actual: A): boolean => wanted === undefined || wanted === actual

/** Whether a job meets the conditions that are set in a run. */
const fits = ({ group, project, tags }: JobRecord, { filter }: BulkActionRecord): boolean =>
  isAsked(filter.type, group.type) &&
  isAsked<string | null>(filter.project, project) &&
  (filter.tag === undefined || tags.includes(filter.tag))

/** What the clock was set back for since it was created or finished is not meant. */
const isMeant = (job: JobRecord, action: BulkActionRecord): boolean =>
  fits(job, action) &&
  DateTime.isLessThanOrEqualTo(job.createdAt, action.createdAt) &&
  (action.action === "cancel"
    ? !isFinished(job.status)
    : job.status === "failed" &&
      job.finishedAt !== null &&
      DateTime.isLessThanOrEqualTo(job.finishedAt, action.createdAt))

const isDealtWith = (job: JobRecord, { action }: BulkActionRecord): boolean =>
  action === "cancel" ? isFinished(job.status) || job.cancelRequest !== null : job.status !== "failed"

export const bulkActions: CheckerMaker = {
  name: "bulk actions",
  make: (facts, violated) => {
    /** The actions that are not finished, each with the jobs that it meant at some time, and those that it has not dealt with. */
    const open = new Map<
      BulkActionId,
      { readonly action: BulkActionRecord; readonly meant: Set<JobId>; readonly left: Set<JobId> }
    >()

    /** Whether nothing is done twice, or done and not written down. */
    const { faults, incidents } = facts.options
    const isOnlyOnce = faults.requestDoubled === 0 && incidents.serverDies === null

    /** What is cancelled in the name of whoever asked for it, by a name that is used for nothing else. */
    const cancelling = new Map<string, { readonly askedAt: number; count: number }>()

    const begin = (action: BulkActionRecord) => {
      const jobs = [...facts.state.histories.values()].map(({ job }) => job)
      const meant = jobs.filter((job) => isMeant(job, action))
      if (meant.length !== action.matched)
        violated(`the bulk ${action.action} ${action.id} means ${action.matched} jobs of ${meant.length}`)
      const left = meant.filter((job) => !isDealtWith(job, action)).map(({ id }) => id)
      open.set(action.id, { action, meant: new Set(meant.map(({ id }) => id)), left: new Set(left) })
      const { by, filter } = action
      if (action.action !== "cancel" || filter.project !== undefined || by === null) return
      // A request that comes twice asks twice.
      const askedAt = Math.max(DateTime.toEpochMillis(action.createdAt), cancelling.get(by)?.askedAt ?? 0)
      cancelling.set(by, { askedAt, count: 0 })
    }

    return {
      changed: ({ after, before, id }) => {
        const by = after?.job.cancelRequest?.by ?? null
        const mine = by === null || before?.job.cancelRequest?.by === by ? undefined : cancelling.get(by)
        if (after !== null && mine !== undefined) {
          mine.count += 1
          const later = DateTime.toEpochMillis(after.job.createdAt) - mine.askedAt
          if (later > 0)
            violated(`${id} was cancelled by ${by}, and created ${later} ms after that was asked for`)
        }
        for (const { action, left, meant } of open.values()) {
          // What is retried or amended before it is looked at may be meant from then on.
          if (after !== null && isMeant(after.job, action)) meant.add(id)
          if (!left.has(id)) continue
          // What does not fit any more when it is looked at is left alone.
          if (after === null || isDealtWith(after.job, action) || !fits(after.job, action)) left.delete(id)
        }
      },
      bulkActionChanged: (id, before, after) => {
        if (after === null) return
        if (before === null) begin(after.action)
        if (after.action.finishedAt === null) return
        const opened = open.get(id)
        if (opened === undefined) return violated(`the bulk action ${id} changed after it was finished`)
        const { left, meant } = opened
        open.delete(id)
        const { by, createdAt, done } = after.action
        const count = (by === null ? undefined : cancelling.get(by))?.count
        if (done > meant.size) violated(`the bulk action ${id} did ${done} of ${meant.size}`)
        const isCertain = isOnlyOnce && facts.troubles.isSafeSince(DateTime.toEpochMillis(createdAt))
        // It counts those too that somebody else has asked to stop before.
        if (count !== undefined && isCertain && done < count)
          violated(`the bulk action ${id} says that it did ${done}, and it did ${count}`)
        if (left.size > 0)
          violated(`the bulk ${after.action.action} ${id} is finished, and ${[...left].join()} as before`)
      },
      projectChanged: (id, before, after) => {
        if (after?.record.cancelRequest == null || before?.record.cancelRequest != null) return
        const isLeft = [...facts.state.histories.values()].some(
          ({ job }) => job.project === id && !isFinished(job.status)
        )
        const isCancelling = [...open.values()].some(
          ({ action }) => action.action === "cancel" && action.filter.project === id
        )
        if (isLeft && !isCancelling) violated(`the project ${id} is cancelled, and nobody cancels its jobs`)
      },
      saw: (sighting) => {
        if (sighting._tag === "BulkAsked" && !facts.state.bulkActions.has(sighting.action))
          violated(`the bulk action ${sighting.action} was acknowledged and is not kept`)
        if (sighting._tag !== "End") return
        for (const id of open.keys()) violated(`the bulk action ${id} is never finished`)
      }
    }
  }
}
