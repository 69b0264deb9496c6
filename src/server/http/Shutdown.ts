/** Graceful shutdown of what would never end by itself: streams, long polls and connections that are open. */
import { Context, Effect, Latch, Layer } from "effect"

export class Shutdown extends Context.Service<
  Shutdown,
  {
    /** Ends all open streams and long polls. */
    readonly begin: Effect.Effect<void>
    /** Waits until shutdown has begun. */
    readonly begun: Effect.Effect<void>
    /** Whether it has begun. */
    readonly hasBegun: () => boolean
  }
>()("lazyboss/server/http/Shutdown") {
  static readonly layer = Layer.effect(
    Shutdown,
    Effect.map(Latch.make(false), (latch) => {
      let hasBegun = false
      return {
        begin: Effect.suspend(() => {
          hasBegun = true
          return Effect.asVoid(latch.open)
        }),
        begun: latch.await,
        hasBegun: () => hasBegun
      }
    })
  )
}
