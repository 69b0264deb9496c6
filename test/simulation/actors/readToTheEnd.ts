/** How followers read: slowly at times, and when their stream breaks off they go on where they were, at any server. */
import { Effect, Option, Result, Stream } from "effect"
import type { Dice } from "../../support/Dice.ts"
import type { Network } from "../Network.ts"
import type { Services } from "../Servers.ts"
import type { World } from "../World.ts"

/** The longest rests, in milliseconds: of a slow reader, and before somebody asks again. */
const longestSlowness = 5_000
const longestPause = 3_000

/** What is read, and who hears of it. */
export interface Reading<A, E> {
  readonly what: string
  /** The stream from where it was left; none if there is nothing more to come. */
  readonly open: Effect.Effect<Option.Option<Stream.Stream<A>>, E, Services>
  readonly hear: (told: A) => void
  /** All that was told is dealt with: more may come. */
  readonly listens: () => void
  /** Nobody listens any more. */
  readonly broke: () => void
  readonly ended: () => void
}

/** Reads until there is nothing more to come, or it is refused. */
export const readToTheEnd = Effect.fnUntraced(function* <A, E>(
  { dice, network, world }: { readonly world: World; readonly network: Network; readonly dice: Dice },
  { broke, ended, hear, listens, open, what }: Reading<A, E>
) {
  const hearSlowly = Effect.fnUntraced(function* (told: A) {
    hear(told)
    if (dice.chance(world.faults.followerSlow)) {
      world.fault("follower slow")
      yield* Effect.sleep(dice.below(longestSlowness))
    }
    listens()
  })
  const breaksOff = () => {
    const breaks = dice.chance(world.faults.followerBreaks / 4)
    if (breaks) world.fault("follower breaks")
    return breaks
  }
  const read = (stream: Stream.Stream<A>) =>
    stream.pipe(
      Stream.onStart(Effect.sync(listens)),
      Stream.takeWhile(() => !breaksOff()),
      Stream.runForEach(hearSlowly),
      Effect.ensuring(Effect.sync(broke))
    )
  const readOn = Effect.flatMap(
    open,
    Option.match({
      onNone: () => Effect.succeed(true),
      onSome: (stream) => Effect.as(read(stream), false)
    })
  )
  while (true) {
    const answer = yield* network.connect(dice, what, readOn)
    if (Option.isSome(answer)) {
      if (Result.isFailure(answer.value)) return
      if (answer.value.success) return ended()
    }
    yield* Effect.sleep(dice.below(longestPause))
  }
})
