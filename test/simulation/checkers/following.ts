/**
 * Followers see each status once, in order, without gaps after resuming, and the progress of each attempt likewise. They are
 * told all of it, soon and to the end, and only then that it has ended.
 */
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { Position } from "../../../src/domain/jobs/Following.ts"
import { isFinished, type JobStatus } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

/** How often a server looks by itself what became of a job that is followed. */
const backstop = 30_000

interface Known {
  readonly status: JobStatus
  /** By what has elapsed. */
  readonly since: number
}

export const following: CheckerMaker = {
  name: "followers miss nothing",
  make: (facts, violated) => {
    /** The status of each version of each job, and since when it had it. */
    const truth = new Map<JobId, Map<number, Known>>()
    /** The job of each follower that has not been told the end. */
    const open = new Map<string, JobId>()
    const places = new Map<string, Position>()
    /** The version with which each follower began. */
    const firsts = new Map<string, number>()
    /** Since when followers have listened for more than they were told. */
    const listening = new Map<string, { readonly job: JobId; readonly since: number }>()
    /** When each job changed last, or made progress. */
    const changedAt = new Map<JobId, number>()

    /** The progress of the attempt that lives in a version of the job. */
    const progressOf = (job: JobId, version: number) => {
      const attempt = facts.state.histories
        .get(job)
        ?.attempts.findLast(({ startedVersion }) => startedVersion <= version)
      return attempt === undefined ? [] : (facts.state.progress.get(attempt.id) ?? [])
    }

    /** How old at most what a server answers is when it arrives. */
    const longestWay = facts.options.networkDelay + 2 * facts.options.storeDelay

    /** Whether somebody has retried the job so recently that the follower was told the end before. */
    const wasJustRetried = (job: JobId, version: number): boolean => {
      const next = truth.get(job)?.get(version + 1)
      return next !== undefined && facts.elapsed() - next.since <= longestWay
    }

    /** The progress of the version that a follower is at which it should be told after an event and before another. */
    const untoldTo = (follower: string, job: JobId, place: Position, before: number) => {
      // What the first state shows already is not told again.
      const isFirst = firsts.get(follower) === place.version
      return progressOf(job, place.version).find(
        ({ event, id }) =>
          id > place.event &&
          id < before &&
          event !== "checkpoint" &&
          !(isFirst && (event === "percent" || event === "message"))
      )
    }

    /** Nothing that happened a while ago is new to who has listened for as long. */
    const checkListening = (follower: string, job: JobId, since: number) => {
      const last = facts.state.histories.get(job)?.job
      const late = facts.lateness(Math.max(since, changedAt.get(job) ?? 0))
      if (last === undefined || late <= facts.lag(backstop) + longestWay) return
      const place = places.get(follower)
      if (place?.version !== last.version) {
        violated(
          `${follower} has heard of version ${place?.version} of ${job}, and not for ${late} ms of ${last.version}`
        )
      } else if (last.status === "processing") {
        const untold = untoldTo(follower, job, place, Infinity)
        if (untold !== undefined)
          violated(`${follower} was not told in ${late} ms of event ${untold.id} of ${job}`)
      }
    }

    const checkEnd = (follower: string, job: JobId) => {
      const last = facts.state.histories.get(job)?.job
      if (last === undefined) return
      const version = places.get(follower)?.version
      if (version === undefined) return violated(`${follower} was told the end of ${job} and nothing else`)
      const status = truth.get(job)?.get(version)?.status
      if (status === undefined || !isFinished(status)) {
        violated(`${follower} was told that ${job} has ended at version ${version}, which is ${status}`)
      } else if (version !== last.version && !wasJustRetried(job, version)) {
        violated(`${follower} was told the end of ${job} at version ${version} of ${last.version}`)
      }
    }

    return {
      changed: ({ after, id }) => {
        changedAt.set(id, facts.now())
        if (after === null) return
        const { status, version } = after.job
        const known = truth.get(id) ?? new Map<number, Known>()
        truth.set(id, known)
        known.set(version, { status, since: known.get(version)?.since ?? facts.elapsed() })
      },
      saw: (sighting) => {
        if (sighting._tag === "Followed") {
          const { follower, job, position, told } = sighting
          const place = places.get(follower)
          places.set(follower, position)
          listening.delete(follower)
          if (place === undefined) firsts.set(follower, position.version)
          if ("status" in told) {
            if (place !== undefined && position.version !== place.version + 1) {
              violated(`${follower} was told version ${position.version} after ${place.version} of ${job}`)
            }
            const status = truth.get(job)?.get(position.version)?.status
            if (status !== told.status) {
              violated(
                `${follower} was told that version ${position.version} of ${job} is ${told.status}; it is ${status}`
              )
            }
          } else if (place === undefined || position.version !== place.version) {
            violated(
              `${follower} was told progress of version ${position.version} of ${job} before its state`
            )
          } else if (position.event <= place.event) {
            violated(`${follower} was told event ${position.event} after ${place.event} of ${job}`)
          } else {
            const missed = untoldTo(follower, job, place, position.event)
            if (missed !== undefined) violated(`${follower} was not told event ${missed.id} of ${job}`)
          }
        }
        if (sighting._tag === "FollowListens") {
          const { follower, job } = sighting
          listening.set(follower, { job, since: facts.now() })
        }
        if (sighting._tag === "FollowBroke") listening.delete(sighting.follower)
        if (sighting._tag === "Glance") {
          for (const [follower, { job, since }] of listening) checkListening(follower, job, since)
        }
        if (sighting._tag === "FollowBegan") open.set(sighting.follower, sighting.job)
        if (sighting._tag === "FollowedToTheEnd") {
          open.delete(sighting.follower)
          checkEnd(sighting.follower, sighting.job)
        }
        if (sighting._tag === "End") {
          for (const [follower, job] of open) {
            const last = facts.state.histories.get(job)?.job
            if (last === undefined) continue
            const heard = places.get(follower)?.version ?? "none"
            violated(
              `${follower} was not told the end of ${job}: it heard of version ${heard} of ${last.version}`
            )
          }
        }
      }
    }
  }
}
