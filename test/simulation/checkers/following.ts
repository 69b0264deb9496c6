/**
 * Followers see each status once, in order, without gaps after resuming, and the progress of each attempt likewise. They are
 * told all of it to the end, and only then that it has ended.
 */
import { DateTime } from "effect"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import { isFinished, type JobJson, type JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker, Sighting } from "../Checker.ts"
import { Followings } from "./known/Followings.ts"

/** What is shown of a state of a job that changes with its states. */
const shown = (job: JobJson): string => {
  const { attempts, expiresAt, finishedAt, losses, priority, runAt, startedAt, status, tags } = job
  return JSON.stringify([status, priority, tags, runAt, startedAt, finishedAt, expiresAt, attempts, losses])
}

const iso = (time: DateTime.Utc | null) => (time === null ? null : DateTime.formatIso(time))

/** The same of what is kept. */
const kept = ({ attempts, losses, status, tags, ...job }: JobRecord): string => {
  const [runAt, startedAt, finishedAt, expiresAt] = [
    job.runAt,
    job.startedAt,
    job.finishedAt,
    job.expiresAt
  ].map(iso)
  return JSON.stringify([
    status,
    job.group.priority,
    tags,
    runAt,
    startedAt,
    finishedAt,
    expiresAt,
    attempts,
    losses
  ])
}

export const following: CheckerMaker = {
  name: "followers miss nothing",
  make: (facts, violated) => {
    const followings = new Followings(facts)
    /** The job of each follower that has not been told the end. */
    const open = new Map<string, JobId>()

    /** How old at most what a server answers is when it arrives. */
    const longestWay = facts.options.networkDelay + 2 * facts.options.storeDelay

    const checkTold = ({
      follower,
      job,
      position,
      told
    }: Extract<Sighting, { readonly _tag: "Followed" }>) => {
      const place = followings.placeOf(follower)
      const { event, version } = position
      if ("job" in told) {
        if (place !== undefined && version !== place.version + 1)
          violated(`${follower} was told version ${version} after ${place.version} of ${job}`)
        const state = followings.stateAt(job, version)
        const [said, is] = [shown(told.job), state === undefined ? "unknown" : kept(state.job)]
        if (said !== is)
          violated(`${follower} was told that version ${version} of ${job} is ${said}; it is ${is}`)
        // What comes after an amendment may be told in either state.
        if (place === undefined || followings.isAmendedAt(job, place.version)) return
        const missed = followings.untoldAt(follower, job, place)
        if (missed !== undefined)
          violated(`${follower} was not told event ${missed.id} of ${job}, and that its attempt is over`)
      } else if (place === undefined || version !== place.version) {
        violated(`${follower} was told progress of version ${version} of ${job} before its state`)
      } else if (event <= place.event) {
        violated(`${follower} was told event ${event} after ${place.event} of ${job}`)
      } else {
        const stored = followings.progressAt(job, version).find(({ id }) => id === event)
        if (stored?.event !== told.event || stored.data !== told.data)
          violated(`${follower} was told ${told.event} ${told.data} as event ${event} of ${job}`)
        const missed = followings.untoldAt(follower, job, place, event)
        if (missed !== undefined) violated(`${follower} was not told event ${missed.id} of ${job}`)
      }
    }

    /** Whether somebody has retried the job so recently that the follower was told the end before. */
    const wasJustRetried = (job: JobId, version: number): boolean => {
      const next = followings.stateAt(job, version + 1)
      return next !== undefined && facts.elapsed() - next.since <= longestWay
    }

    const checkEnd = (follower: string, job: JobId) => {
      const last = facts.state.histories.get(job)?.job
      if (last === undefined) return
      const version = followings.placeOf(follower)?.version
      if (version === undefined) return violated(`${follower} was told the end of ${job} and nothing else`)
      const status = followings.stateAt(job, version)?.job.status
      if (status === undefined || !isFinished(status)) {
        violated(`${follower} was told that ${job} has ended at version ${version}, which is ${status}`)
      } else if (version !== last.version && !wasJustRetried(job, version)) {
        violated(`${follower} was told the end of ${job} at version ${version} of ${last.version}`)
      }
    }

    const checkToldTheEnd = (follower: string, job: JobId) => {
      const last = facts.state.histories.get(job)?.job
      if (last === undefined) return
      const heard = followings.placeOf(follower)?.version ?? "none"
      violated(`${follower} was not told the end of ${job}: it heard of version ${heard} of ${last.version}`)
    }

    return {
      changed: (change) => followings.changed(change),
      saw: (sighting) => {
        if (sighting._tag === "FollowBegan") open.set(sighting.follower, sighting.job)
        if (sighting._tag === "Followed") checkTold(sighting)
        if (sighting._tag === "FollowedToTheEnd") {
          open.delete(sighting.follower)
          checkEnd(sighting.follower, sighting.job)
        }
        if (sighting._tag === "End") for (const [follower, job] of open) checkToldTheEnd(follower, job)
        followings.saw(sighting)
      }
    }
  }
}
