/** What comes while a claim is under way. */
import { Effect } from "effect"
import { world } from "./world.ts"

/** A world in which something happens, once, when the store has looked for jobs and before anybody hears of it. */
export const makeMeanwhile = (options: Pick<NonNullable<Parameters<typeof world>[0]>, "policy"> = {}) => {
  let next: Effect.Effect<unknown> = Effect.void
  return {
    set: (meanwhile: Effect.Effect<unknown>) => {
      next = meanwhile
    },
    layer: world({
      ...options,
      change: (repo) => ({
        claim: (claim) =>
          Effect.tap(repo.claim(claim), () =>
            Effect.suspend(() => {
              const now = next
              next = Effect.void
              return now
            })
          )
      })
    })
  }
}
