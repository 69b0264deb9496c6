/** Followers are told at once what is new: nothing that happened a while ago is new to who has listened for as long. */
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"
import { way } from "../facts/Delays.ts"
import { Followings } from "./known/Followings.ts"

/** How often a server looks by itself what became of a job that is followed. */
const backstop = 30_000

export const followingSoon: CheckerMaker = {
  name: "followers are told soon",
  make: (facts, violated) => {
    const followings = new Followings(facts)
    /** Since when followers have listened for more than they were told. */
    const listening = new Map<string, { readonly job: JobId; readonly since: number }>()
    /** When each job changed last, or made progress. */
    const changedAt = new Map<JobId, number>()

    const check = (follower: string, job: JobId, since: number) => {
      const last = facts.state.histories.get(job)?.job
      const late = facts.delays.lateness(Math.max(since, changedAt.get(job) ?? 0))
      if (last === undefined || late <= facts.delays.lag(backstop) + way) return
      const place = followings.placeOf(follower)
      if (place?.version !== last.version) {
        const heard = place?.version ?? "none"
        violated(
          `${follower} has heard of version ${heard} of ${job}, and not in ${late} ms of ${last.version}`
        )
      } else {
        const untold = followings.untoldAt(follower, job, place)
        if (untold !== undefined)
          violated(`${follower} was not told in ${late} ms of event ${untold.id} of ${job}`)
      }
    }

    return {
      changed: (change) => {
        changedAt.set(change.id, facts.now())
        followings.changed(change)
      },
      saw: (sighting) => {
        followings.saw(sighting)
        if (sighting._tag === "FollowListens") {
          const { follower, job } = sighting
          listening.set(follower, { job, since: facts.now() })
        }
        if (sighting._tag === "Followed" || sighting._tag === "FollowBroke")
          listening.delete(sighting.follower)
        if (sighting._tag === "Glance") {
          for (const [follower, { job, since }] of listening) check(follower, job, since)
        }
      }
    }
  }
}
