/** What the supervisor keeps from single workers, whatever they can do. */
import { Context, Effect, Layer, type Scope } from "effect"

export interface Restriction {
  /** Gets no jobs at all: it is paused or banned. */
  readonly isIdle: boolean
  /** Gets no jobs of these types: it is in quarantine for them. */
  readonly types: ReadonlySet<string>
}

export class Restrictions extends Context.Service<
  Restrictions,
  {
    /** What this worker is kept from; null for most workers, which are kept from nothing. */
    readonly of: (worker: string) => Restriction | null
    /** Hears of every change, until the scope closes. The listener must be quick. */
    readonly listen: (listener: () => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("lazyboss/domain/Restrictions") {
  /** Nobody is kept from anything. */
  static readonly none = Layer.succeed(Restrictions, { of: () => null, listen: () => Effect.void })
}
