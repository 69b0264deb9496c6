/** Readers of the feed of events: they break off and go on where they were. */
import { Effect, Option, Stream } from "effect"
import { EventFeed } from "../../../src/domain/events/EventFeed.ts"
import type { Network } from "../Network.ts"
import type { World } from "../World.ts"

export const makeFeedReader = (world: World, network: Network, name: string): Effect.Effect<never> => {
  const dice = world.dice(name)
  let last = Option.none<string>()

  const readOn = Effect.flatMap(EventFeed, (feed) => {
    world.saw({ _tag: "FeedBegan", reader: name, after: Option.getOrNull(last) })
    return feed.read({}, last).pipe(
      Stream.takeWhile(() => !dice.chance(world.faults.followerBreaks / 20)),
      Stream.runForEach((page) =>
        Effect.gen(function* () {
          for (const { data, event, id } of page) {
            last = Option.some(id)
            world.trace.count(`event ${event}`)
            world.trace.say(`${name} ${event} ${id}`)
            world.saw({ _tag: "FeedItem", reader: name, id, name: event, data })
          }
          if (dice.chance(world.faults.followerSlow)) {
            world.fault("follower slow")
            yield* Effect.sleep(dice.below(2_000))
          }
        })
      )
    )
  })

  return Effect.forever(
    Effect.andThen(
      network.connect(dice, "read the feed", readOn),
      Effect.suspend(() => Effect.sleep(dice.below(3_000)))
    )
  )
}
