/** `TokenRepo`: tokens as they are kept. */
import { Effect, Result, Schema } from "effect"
import { Role, type StoredToken } from "../../../domain/access/Token.ts"
import type { TokenCheck } from "../../../domain/access/TokenRepo.ts"
import { type Database, type DatabaseError, now, rowsOf } from "../Database.ts"
import { toTime } from "../rows.ts"

const TokenRow = Schema.Struct({
  name: Schema.String,
  role: Role,
  hash: Schema.Uint8Array,
  created_at: Schema.Date
})
const tokenRows = rowsOf(TokenRow)

const toStored = ({ created_at, hash, name, role }: typeof TokenRow.Type): StoredToken => ({
  name,
  role,
  hash,
  createdAt: toTime(created_at)
})

export const allTokens = (database: Database): Effect.Effect<ReadonlyArray<StoredToken>, DatabaseError> =>
  Effect.map(
    database.query(tokenRows, `select name, role, hash, created_at from token order by name collate "C"`),
    (rows) => rows.map(toStored)
  )

/** Changes the tokens if nothing is against it. One server at a time: a check depends on all tokens that there are. */
const changeTokens = <A, E>(
  database: Database,
  check: TokenCheck<E>,
  change: Effect.Effect<A, DatabaseError>
): Effect.Effect<Result.Result<A, E>, DatabaseError> =>
  database.transaction(
    Effect.gen(function* () {
      yield* database.run("lock table token in exclusive mode")
      const checked = check(yield* allTokens(database))
      return Result.isFailure(checked) ? Result.fail(checked.failure) : Result.succeed(yield* change)
    })
  )

const insert = `
  insert into token (name, role, hash, created_at) values ($2::text, $3::text, $4::bytea, ${now})
  returning name, role, hash, created_at`

export const createToken = <E>(
  database: Database,
  token: Omit<StoredToken, "createdAt">,
  check: TokenCheck<E>
) =>
  changeTokens(
    database,
    check,
    Effect.flatMap(database.queryAtTime(tokenRows, insert, [token.name, token.role, token.hash]), ([row]) =>
      row === undefined ? Effect.die(new Error("the token was not stored")) : Effect.succeed(toStored(row))
    )
  )

export const removeToken = <E>(database: Database, name: string, check: TokenCheck<E>) =>
  changeTokens(database, check, database.run("delete from token where name = $1", [name]))
