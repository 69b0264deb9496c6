/** Tokens in PostgreSQL. */
import { Effect, Layer } from "effect"
import { TokenRepo } from "../../domain/access/TokenRepo.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import { allTokens, createToken, removeToken } from "./queries/tokens.ts"

export const layer = Layer.effect(
  TokenRepo,
  Effect.map(TheDatabase, (database) =>
    TokenRepo.of({
      all: orUnavailable(allTokens(database)),
      create: (token, check) => orUnavailable(createToken(database, token, check)),
      remove: (name, check) => orUnavailable(removeToken(database, name, check))
    })
  )
)
