/** Graceful shutdown of what would never end by itself: streams and long polls that are open. */
import { Context, Effect, Latch, Layer } from "effect"

export class Shutdown extends Context.Service<
  Shutdown,
  {
    /** Ends all open streams and long polls. */
    readonly begin: Effect.Effect<void>
    /** Waits until shutdown has begun. */
    readonly begun: Effect.Effect<void>
  }
>()("lazyboss/server/http/Shutdown") {
  static readonly layer = Layer.effect(
    Shutdown,
    Effect.map(Latch.make(false), (latch) => ({ begin: Effect.asVoid(latch.open), begun: latch.await }))
  )
}
