/** The moment at which the server stops: open streams end then, for they would never end by themselves, and so do connections. */
import { Context, Effect, Latch, Layer } from "effect"

export class Closing extends Context.Service<
  Closing,
  {
    /** Ends all open streams. */
    readonly begin: Effect.Effect<void>
    /** Waits for that moment. */
    readonly begun: Effect.Effect<void>
    /** Whether it has come. */
    readonly hasBegun: () => boolean
  }
>()("lazyboss/server/http/Closing") {
  static readonly layer = Layer.effect(
    Closing,
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
