/** Followers of single jobs: they read slowly, break off, and go on at another server where they were. */
import { Effect, Option, Result, Stream } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { Position } from "../../../src/domain/jobs/Following.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

export const makeFollower = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice = world.dice(name)
  let follows = 0

  const follow = Effect.fnUntraced(function* (job: JobId) {
    const follower = `${name} ${++follows}`
    world.saw({ _tag: "FollowBegan", follower, job })
    let position = Option.none<Position>()
    const listens = Effect.sync(() => world.saw({ _tag: "FollowListens", follower, job }))
    // A position is what counts: what was told before the stream broke is not told again.
    const readOn = Effect.flatMap(Boss, (boss) => boss.follow(job, position)).pipe(
      Effect.flatMap(
        Option.match({
          onNone: () => Effect.succeed("end" as const),
          onSome: (stream) =>
            stream.pipe(
              Stream.onStart(listens),
              Stream.takeWhile(() => !dice.chance(world.faults.followerBreaks / 4)),
              Stream.runForEach((told) =>
                Effect.gen(function* () {
                  position = Option.some(told.position)
                  world.trace.say(
                    `${follower} ${job} ${told._tag} ${told.position.version}.${told.position.event}`
                  )
                  world.trace.count(`followed ${told._tag === "State" ? told.job.status : told.event.event}`)
                  world.saw({
                    _tag: "Followed",
                    follower,
                    job,
                    position: told.position,
                    told: told._tag === "State" ? { status: told.job.status } : told.event
                  })
                  if (dice.chance(world.faults.followerSlow)) {
                    world.fault("follower slow")
                    yield* Effect.sleep(dice.below(5_000))
                  }
                  yield* listens
                })
              ),
              Effect.ensuring(Effect.sync(() => world.saw({ _tag: "FollowBroke", follower }))),
              Effect.as("more" as const)
            )
        })
      )
    )
    while (true) {
      const answer = yield* network.connect(dice, "follow", readOn)
      if (Option.isSome(answer)) {
        if (Result.isFailure(answer.value)) return
        if (answer.value.success === "end") {
          return world.saw({ _tag: "FollowedToTheEnd", follower, job })
        }
        world.fault("follower breaks")
      }
      yield* Effect.sleep(dice.below(3_000))
    }
  })

  return Effect.gen(function* () {
    const jobs = [...world.facts.state.histories.keys()]
    const job = dice.from(jobs.slice(-5))
    if (job === undefined || world.isCalm) return yield* Effect.sleep(1_000)
    yield* follow(job)
  }).pipe(Effect.forever)
}
