/** Followers of single jobs. */
import { Effect, Option } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { FollowEvent, Position } from "../../../src/domain/jobs/Following.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { readToTheEnd } from "./readToTheEnd.ts"

export const makeFollower = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice = world.dice(name)
  let follows = 0

  const follow = (job: JobId) => {
    const follower = `${name} ${++follows}`
    // A position is what counts: what was told before the stream broke is not told again.
    let position = Option.none<Position>()
    const hear = (told: FollowEvent) => {
      position = Option.some(told.position)
      world.trace.say(`${follower} ${job} ${told._tag} ${told.position.version}.${told.position.event}`)
      world.trace.count(`followed ${told._tag === "State" ? told.job.status : told.event.event}`)
      world.saw({
        _tag: "Followed",
        follower,
        job,
        position: told.position,
        told: told._tag === "State" ? { job: told.job } : told.event
      })
    }
    world.saw({ _tag: "FollowBegan", follower, job })
    return readToTheEnd(
      { dice, network, world },
      {
        what: "follow",
        open: Effect.flatMap(Boss, (boss) => boss.follow(job, position)),
        hear,
        listens: () => world.saw({ _tag: "FollowListens", follower, job }),
        broke: () => world.saw({ _tag: "FollowBroke", follower }),
        ended: () => world.saw({ _tag: "FollowedToTheEnd", follower, job })
      }
    )
  }

  return Effect.gen(function* () {
    const jobs = [...world.facts.state.histories.keys()]
    const job = dice.from(jobs.slice(-5))
    if (job === undefined || world.isCalm) return yield* Effect.sleep(1_000)
    yield* follow(job)
  }).pipe(Effect.forever)
}
