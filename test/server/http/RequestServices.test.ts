import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import {
  routesWithFewServices,
  withAllServices,
  withFewServices
} from "../../../src/server/http/RequestServices.ts"

class Own extends Context.Service<Own, string>()("lazyboss/domain/Own") {}
class OfTheContract extends Context.Service<OfTheContract, string>()("lazyboss/domain/api/OfTheContract") {}
class Foreign extends Context.Service<Foreign, string>()("effect/Foreign") {}

const services = Layer.mergeAll(
  Layer.succeed(Own, "own"),
  Layer.succeed(OfTheContract, "contract"),
  Layer.succeed(Foreign, "foreign")
)

const carried = Effect.map(Effect.context<Own | OfTheContract | Foreign>(), (context) =>
  [Own, OfTheContract, Foreign].filter((service) => context.mapUnsafe.has(service.key))
)

it.effect("what is started carries what the contract names, and what is not ours", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* withFewServices(carried), [OfTheContract, Foreign])
  }).pipe(Effect.provide(services))
)

it.effect("routes carry no more, though their handlers are made with all services", () =>
  Effect.gen(function* () {
    let surrounding: ReadonlyArray<unknown> = []
    let made = ""
    const routes = Layer.effectDiscard(
      Effect.gen(function* () {
        surrounding = yield* carried
        made = yield* withAllServices(Own)
      })
    )
    yield* Layer.build(routesWithFewServices(routes))
    assert.deepStrictEqual(surrounding, [OfTheContract, Foreign])
    assert.strictEqual(made, "own")
  }).pipe(Effect.provide(services))
)
