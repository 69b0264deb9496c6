/** Which of the server's services a request carries along: few, for it copies all that surround its route and the server. */
import { Context, Effect, Layer } from "effect"

// The handlers hold those of ours that they use, so a request needs none but what the contract itself names.
const withoutOwnServices = <R>({ mapUnsafe }: Context.Context<R>): Context.Context<R> =>
  Context.makeUnsafe(
    new Map(
      [...mapUnsafe].filter(([key]) => !key.startsWith("lazyboss/") || key.startsWith("lazyboss/domain/api/"))
    )
  )

/** All services there are, for the handlers to be made with although what surrounds them has few. */
const AllServices = Context.Reference<Context.Context<never>>(
  "lazyboss/server/http/RequestServices/AllServices",
  {
    defaultValue: Context.empty
  }
)

/** Keeps our services from whatever the effect starts, or the requests that it serves. */
export const withFewServices = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateContext(effect, withoutOwnServices<R>)

/** The same for the routes of a layer, whose handlers are made `withAllServices`. */
export const routesWithFewServices = <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> => {
  const build = Layer.build(layer)
  return Layer.effectContext(
    Effect.updateContext(build, (all: Context.Context<Effect.Services<typeof build>>) =>
      Context.add(withoutOwnServices(all), AllServices, all)
    )
  )
}

/** Makes handlers, which look up all services that they use while they are made. */
export const withAllServices = <A, E, R>(make: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(AllServices, (all) =>
    Effect.updateContext(make, (few: Context.Context<R>) => Context.merge(all, few))
  )
