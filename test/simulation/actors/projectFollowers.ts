/** Followers of projects. */
import { Effect, Option } from "effect"
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import { Projects } from "../../../src/domain/projects/Projects.ts"
import type { ProjectEvent } from "../../../src/domain/projects/ProjectFollowing.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"
import { readToTheEnd } from "./readToTheEnd.ts"

export const makeProjectFollower = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice = world.dice(name)
  let follows = 0

  const follow = (project: ProjectId) => {
    const follower = `${name} ${++follows}`
    let position = Option.none<string>()
    const hear = (events: ReadonlyArray<ProjectEvent>) => {
      for (const event of events) {
        position = Option.some(event.position)
        world.trace.say(`${follower} ${project} ${event._tag} ${event.position}`)
        world.trace.count(`followed project ${event._tag}`)
        world.saw({ _tag: "ProjectTold", follower, project, event })
      }
    }
    world.saw({ _tag: "ProjectFollowBegan", follower, project })
    return readToTheEnd(
      { dice, network, world },
      {
        what: "follow a project",
        open: Effect.flatMap(Projects, (projects) => projects.follow(project, position)),
        hear,
        listens: () => world.saw({ _tag: "ProjectFollowListens", follower, project }),
        broke: () => world.saw({ _tag: "ProjectFollowBroke", follower }),
        ended: () => world.saw({ _tag: "ProjectFollowedToTheEnd", follower, project })
      }
    )
  }

  return Effect.gen(function* () {
    const projects = [...world.facts.state.projects.keys()]
    const project = dice.from(projects.slice(-3))
    if (project === undefined || world.isCalm) return yield* Effect.sleep(1_000)
    // Of one that is open there is nothing more to be heard when no client is left to close it.
    yield* Effect.raceFirst(follow(project), Effect.sleep(dice.pick(10_000, 60_000, 300_000)))
  }).pipe(Effect.forever)
}
