/** Tokens in the store in memory. */
import { Effect, Layer, Result } from "effect"
import { TokenRepo } from "../../domain/access/TokenRepo.ts"
import { Memory, step } from "./MemoryState.ts"

export const layer = Layer.effect(
  TokenRepo,
  Effect.map(Memory, ({ tokens }) => {
    const all = () => [...tokens.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1))
    return TokenRepo.of({
      all: Effect.sync(all),
      create: (token, check) =>
        step((createdAt) =>
          Result.map(check(all()), () => {
            const stored = { ...token, createdAt }
            tokens.set(token.name, stored)
            return stored
          })
        ),
      remove: (name, check) =>
        Effect.sync(() =>
          Result.map(check(all()), () => {
            tokens.delete(name)
          })
        )
    })
  })
)
