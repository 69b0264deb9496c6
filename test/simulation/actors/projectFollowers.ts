/** Followers of projects: they read slowly, break off, and go on at another server where they were. */
import { Effect, Option, Result, Stream } from "effect"
import type { ProjectId } from "../../../src/domain/Identifiers.ts"
import { Projects } from "../../../src/domain/projects/Projects.ts"
import type { ProjectEvent } from "../../../src/domain/projects/ProjectFollowing.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

export const makeProjectFollower = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice = world.dice(name)
  let follows = 0

  const follow = Effect.fnUntraced(function* (project: ProjectId) {
    const follower = `${name} ${++follows}`
    world.saw({ _tag: "ProjectFollowBegan", follower, project })
    let position = Option.none<string>()
    const listens = Effect.sync(() => world.saw({ _tag: "ProjectFollowListens", follower, project }))
    const hear = Effect.fnUntraced(function* (events: ReadonlyArray<ProjectEvent>) {
      for (const event of events) {
        position = Option.some(event.position)
        world.trace.say(`${follower} ${project} ${event._tag} ${event.position}`)
        world.trace.count(`followed project ${event._tag}`)
        world.saw({ _tag: "ProjectTold", follower, project, event })
      }
      if (dice.chance(world.faults.followerSlow)) {
        world.fault("follower slow")
        yield* Effect.sleep(dice.below(5_000))
      }
      yield* listens
    })
    const readOn = Effect.flatMap(Projects, (projects) => projects.follow(project, position)).pipe(
      Effect.flatMap(
        Option.match({
          onNone: () => Effect.succeed("end" as const),
          onSome: (stream) =>
            stream.pipe(
              Stream.onStart(listens),
              Stream.takeWhile(() => !dice.chance(world.faults.followerBreaks / 4)),
              Stream.runForEach(hear),
              Effect.ensuring(Effect.sync(() => world.saw({ _tag: "ProjectFollowBroke", follower }))),
              Effect.as("more" as const)
            )
        })
      )
    )
    while (true) {
      const answer = yield* network.connect(dice, "follow a project", readOn)
      if (Option.isSome(answer)) {
        if (Result.isFailure(answer.value)) return
        if (answer.value.success === "end")
          return world.saw({ _tag: "ProjectFollowedToTheEnd", follower, project })
      }
      yield* Effect.sleep(dice.below(3_000))
    }
  })

  return Effect.gen(function* () {
    const projects = [...world.facts.state.projects.keys()]
    const project = dice.from(projects.slice(-3))
    if (project === undefined || world.isCalm) return yield* Effect.sleep(1_000)
    // Of one that is open there is nothing more to be heard when no client is left to close it.
    yield* Effect.raceFirst(follow(project), Effect.sleep(dice.pick(10_000, 60_000, 300_000)))
  }).pipe(Effect.forever)
}
