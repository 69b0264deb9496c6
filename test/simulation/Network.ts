/** How clients, workers and supervisors reach a server: what they ask may get lost on the way, come twice, or late. */
import { Deferred, Effect, Exit, Fiber, Option, Result } from "effect"
import type { Dice } from "../support/Dice.ts"
import { complain } from "./complaints.ts"
import type { Server, Servers, Services } from "./Servers.ts"
import type { World } from "./World.ts"

/** What was answered; none if nothing was: then nobody knows whether it was done. */
export type Answer<A, E> = Option.Option<Result.Result<A, E>>

/** After so long whoever hears nothing gives up. */
const patience = 5_000

export interface Network {
  /** Asks any server that runs. */
  readonly ask: <A, E>(
    dice: Dice,
    what: string,
    request: Effect.Effect<A, E, Services>
  ) => Effect.Effect<Answer<A, E>>
  /** Begins to talk with any server that runs, over a connection that loses nothing as long as it is open. */
  readonly connect: <A, E>(
    dice: Dice,
    what: string,
    request: Effect.Effect<A, E, Services>
  ) => Effect.Effect<Answer<A, E>>
  /** Asks until there is an answer: for those who may repeat what they ask for. */
  readonly insist: <A, E>(
    dice: Dice,
    what: string,
    request: Effect.Effect<A, E, Services>
  ) => Effect.Effect<Result.Result<A, E>>
}

export const make = Effect.fnUntraced(function* (world: World, servers: Servers) {
  const context = yield* Effect.context<never>()
  const delay = (dice: Dice) =>
    world.options.networkDelay === 0
      ? Effect.void
      : Effect.suspend(() => Effect.sleep(Math.ceil(world.options.networkDelay * dice.next())))

  const serve = <A, E>(server: Server, what: string, request: Effect.Effect<A, E, Services>) =>
    Effect.forkIn(
      request.pipe(
        Effect.result,
        Effect.provideContext(server.services),
        Effect.onExit((exit) =>
          Effect.sync(() => {
            if (Exit.isFailure(exit) && !Deferred.isDoneUnsafe(server.died)) complain(world, what, exit.cause)
          })
        )
      ),
      server.scope
    )

  const ask: Network["ask"] = Effect.fnUntraced(function* <A, E>(
    dice: Dice,
    what: string,
    request: Effect.Effect<A, E, Services>
  ): Effect.fn.Return<Answer<A, E>> {
    const { answerLost, requestDoubled, requestLost } = world.faults
    yield* delay(dice)
    const server = dice.from(servers.running())
    if (server === undefined) {
      yield* Effect.sleep(1_000)
      return Option.none()
    }
    if (dice.chance(requestLost)) {
      world.fault("request lost")
      yield* Effect.sleep(patience)
      return Option.none()
    }
    if (dice.chance(requestDoubled)) {
      world.fault("request doubled")
      world.loop.after(dice.pick(1, 20, 2_000), () => {
        // What comes after the peace was made would break it.
        if (!Deferred.isDoneUnsafe(server.died) && !world.isCalm)
          Effect.runForkWith(context)(serve(server, what, request))
      })
    }
    const fiber = yield* serve(server, what, request)
    const exit = yield* Effect.raceFirst(
      Fiber.await(fiber),
      Effect.as(Deferred.await(server.died), null)
    ).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
    yield* delay(dice)
    if (exit === null) return Option.none()
    if (dice.chance(answerLost)) {
      world.fault("answer lost")
      yield* Effect.sleep(patience)
      return Option.none()
    }
    return Exit.isSuccess(exit) ? Option.some(exit.value) : Option.none()
  })

  const network: Network = {
    ask,
    connect: (dice, what, request) => ask({ ...dice, chance: () => false }, what, request),
    insist: Effect.fnUntraced(function* (dice, what, request) {
      while (true) {
        const answer = yield* ask(dice, what, request)
        if (Option.isSome(answer)) return answer.value
        yield* Effect.sleep(200 + dice.below(1_000))
      }
    })
  }
  return network
})
