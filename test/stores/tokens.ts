/** How a store keeps tokens. Those of other tests may be there as well. */
import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Role } from "../../src/domain/access/Token.ts"
import { TokenRepo } from "../../src/domain/access/TokenRepo.ts"
import { first, newName, type Suite } from "./StoreKit.ts"

const hash = Uint8Array.from({ length: 32 }, (_, index) => index * 8)
const newToken = (name: string, role: Role = "client") => ({ name, role, hash })
const allow = () => Result.void

const stored = (name: string) =>
  Effect.flatMap(TokenRepo, ({ all }) => Effect.map(all, (kept) => kept.filter((one) => one.name === name)))

export const tokens = ({ advance, it }: Suite): void => {
  it.effect("keeps what a token is, and since when", () =>
    Effect.gen(function* () {
      const repo = yield* TokenRepo
      const [one, another] = [newName("token"), newName("token")]
      const created = yield* repo.create(newToken(one, "worker"), allow)
      yield* advance(1)
      yield* repo.create(newToken(another), allow)
      const kept = first(yield* stored(one))
      assert.deepStrictEqual(created, Result.succeed(kept))
      assert.deepStrictEqual(
        { ...kept, hash: [...kept.hash] },
        { ...kept, ...newToken(one, "worker"), hash: [...hash] }
      )
      const later = first(yield* stored(another)).createdAt
      assert.strictEqual(later.epochMilliseconds - kept.createdAt.epochMilliseconds, 1)
    })
  )

  it.effect("lists tokens by name, capitals first", () =>
    Effect.gen(function* () {
      const repo = yield* TokenRepo
      const name = newName("token")
      for (const end of ["b", "_", "B", "a"]) yield* repo.create(newToken(`${name}${end}`), allow)
      const names = (yield* repo.all).map((token) => token.name).filter((one) => one.startsWith(name))
      assert.deepStrictEqual(
        names,
        ["B", "_", "a", "b"].map((end) => `${name}${end}`)
      )
    })
  )

  it.effect("forgets a token that is removed, and no other", () =>
    Effect.gen(function* () {
      const repo = yield* TokenRepo
      const [one, another] = [newName("token"), newName("token")]
      yield* repo.create(newToken(one), allow)
      yield* repo.create(newToken(another), allow)
      yield* repo.remove(one, allow)
      assert.deepStrictEqual(yield* stored(one), [])
      assert.strictEqual((yield* stored(another)).length, 1)
    })
  )

  it.effect("changes nothing that is objected to, and says what the objection was", () =>
    Effect.gen(function* () {
      const repo = yield* TokenRepo
      const name = newName("token")
      const object = () => Result.fail("no")
      assert.deepStrictEqual(yield* repo.create(newToken(name), object), Result.fail("no"))
      assert.deepStrictEqual(yield* stored(name), [])
      yield* repo.create(newToken(name), allow)
      assert.deepStrictEqual(yield* repo.remove(name, object), Result.fail("no"))
      assert.strictEqual((yield* stored(name)).length, 1)
    })
  )

  it.effect("shows each check what the changes before it have left, however many come at once", () =>
    Effect.gen(function* () {
      const repo = yield* TokenRepo
      const prefix = newName("token")
      const names = Array.from({ length: 20 }, (_, index) => `${prefix}-${index}`)
      const created = yield* Effect.forEach(
        names,
        (name) =>
          repo.create(newToken(name), (there) =>
            there.filter((one) => one.name.startsWith(prefix)).length < 3
              ? Result.void
              : Result.fail("enough")
          ),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(created.filter(Result.isSuccess).length, 3)
      const removed = yield* Effect.forEach(
        names,
        (name) =>
          repo.remove(name, (there) =>
            there.filter((one) => one.name.startsWith(prefix)).length > 1 &&
            there.some((one) => one.name === name)
              ? Result.void
              : Result.fail("the last")
          ),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(removed.filter(Result.isSuccess).length, 2)
    })
  )
}
