/** Followers see each status once, in order, without gaps after resuming, and the progress of each attempt likewise. */
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { Position } from "../../../src/domain/jobs/Following.ts"
import type { CheckerMaker } from "../Checker.ts"

export const following: CheckerMaker = {
  name: "followers miss nothing",
  make: (facts, violated) => {
    /** The status of each version of each job. */
    const truth = new Map<JobId, Map<number, string>>()
    const places = new Map<string, Position>()
    /** The version with which each follower began. */
    const firsts = new Map<string, number>()

    /** The progress of the attempt that lives in a version of the job. */
    const progressOf = (job: JobId, version: number) => {
      const attempt = facts.state.histories
        .get(job)
        ?.attempts.findLast(({ startedVersion }) => startedVersion <= version)
      return attempt === undefined ? [] : (facts.state.progress.get(attempt.id) ?? [])
    }

    return {
      changed: ({ after, id }) => {
        if (after === null) return
        const known = truth.get(id) ?? new Map<number, string>()
        truth.set(id, known)
        known.set(after.job.version, after.job.status)
      },
      saw: (sighting) => {
        if (sighting._tag === "Followed") {
          const { follower, job, position, told } = sighting
          const place = places.get(follower)
          places.set(follower, position)
          if (place === undefined) firsts.set(follower, position.version)
          if ("status" in told) {
            if (place !== undefined && position.version !== place.version + 1) {
              violated(`${follower} was told version ${position.version} after ${place.version} of ${job}`)
            }
            const status = truth.get(job)?.get(position.version)
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
            const skipped = progressOf(job, position.version).filter(
              ({ id }) => id > place.event && id < position.event
            )
            // What the first state shows already is not told again.
            const isFirst = firsts.get(follower) === position.version
            const missed = skipped.filter(
              ({ event }) =>
                event !== "checkpoint" && !(isFirst && (event === "percent" || event === "message"))
            )
            if (missed.length > 0) violated(`${follower} was not told event ${missed[0]?.id} of ${job}`)
          }
        }
        if (sighting._tag === "FollowedToTheEnd") {
          const { follower, job } = sighting
          const last = facts.state.histories.get(job)?.job
          if (last === undefined) return
          const { finishedAt, version } = last
          if (finishedAt === null && places.get(follower)?.version === version) {
            violated(`${follower} was told that ${job} has ended, which goes on`)
          }
        }
      }
    }
  }
}
