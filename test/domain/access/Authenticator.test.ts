import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, Result } from "effect"
import { Authenticator } from "../../../src/domain/access/Authenticator.ts"
import { TokenRepo } from "../../../src/domain/access/TokenRepo.ts"
import { Tokens } from "../../../src/domain/access/Tokens.ts"
import { makePeer, pass, settle, world } from "../support/world.ts"

const identify = (header: string) =>
  Effect.flatMap(Authenticator, ({ identify }) => Effect.result(identify(Option.some(header))))

const nameOf = (header: string) =>
  Effect.map(
    identify(header),
    Result.match({
      onFailure: () => "refused",
      onSuccess: ({ name }) => Option.getOrElse(name, () => "nobody")
    })
  )

/** An authenticator of its own, which looks at secrets by another `hash`. */
const authenticatorWith = (change: (tokens: typeof Tokens.Service) => Pick<typeof Tokens.Service, "hash">) =>
  Layer.fresh(Authenticator.layer).pipe(
    Layer.provideMerge(
      Layer.effect(
        Tokens,
        Effect.map(Tokens, (tokens) => Tokens.of({ ...tokens, ...change(tokens) }))
      )
    ),
    Layer.provideMerge(world())
  )

describe("Authenticator", () => {
  it.effect("believes anyone until there is a token, and then asks for the secret", () =>
    Effect.gen(function* () {
      const tokens = yield* Tokens
      for (const _ of [1, 2]) assert.strictEqual(yield* nameOf("Bearer ann"), "ann")
      for (const _ of [1, 2]) assert.strictEqual(yield* nameOf("Bearer ä"), "refused")
      const { secret } = yield* tokens.create("boss", "supervisor")
      assert.strictEqual(yield* nameOf("Bearer ann"), "refused")
      assert.strictEqual(yield* nameOf(`Bearer ${Redacted.value(secret)}`), "boss")
      assert.strictEqual(yield* nameOf(`Plain id=boss/1&token=${Redacted.value(secret)}`), "boss/1")
      assert.strictEqual(yield* nameOf(`Plain id=boss/&token=${Redacted.value(secret)}`), "boss/")
      assert.strictEqual(yield* nameOf(`Plain id=boss/ä&token=${Redacted.value(secret)}`), "refused")
    }).pipe(Effect.provide(world()))
  )

  it.effect("hears of tokens that other servers create and revoke", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const repo = yield* TokenRepo
      const tokens = yield* Tokens
      const secret = Redacted.make("lzb_elsewhere")
      const allow = () => Result.void
      yield* settle
      yield* repo.create({ name: "boss", role: "supervisor", hash: yield* tokens.hash(secret) }, allow)
      yield* peer.say({ supervision: ["tokens"] })
      yield* settle
      assert.strictEqual(yield* nameOf("Bearer ann"), "refused")
      assert.strictEqual(yield* nameOf("Bearer lzb_elsewhere"), "boss")
      yield* repo.remove("boss", allow)
      yield* peer.say({ supervision: ["tokens"] })
      yield* settle
      assert.strictEqual(yield* nameOf("Bearer ann"), "ann")
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  })

  it.effect("hears of them within 15 seconds even if the news got lost, and tells others of its own", () => {
    const peer = makePeer()
    return Effect.gen(function* () {
      const repo = yield* TokenRepo
      const tokens = yield* Tokens
      yield* tokens.create("boss", "supervisor")
      assert.isTrue(peer.told.some(({ supervision }) => supervision.includes("tokens")))
      yield* settle
      yield* repo.remove("boss", () => Result.void)
      yield* pass("14 seconds")
      assert.strictEqual(yield* nameOf("Bearer ann"), "refused")
      yield* pass("1 second")
      assert.strictEqual(yield* nameOf("Bearer ann"), "ann")
    }).pipe(Effect.provide(world({ peers: peer.layer })))
  })

  it.effect(
    "takes the hash of a secret that it knows only once, and of a wrong one or within a long header every time",
    () => {
      let hashes = 0
      const counting = authenticatorWith(({ hash }) => ({
        hash: (secret) =>
          Effect.andThen(
            Effect.sync(() => (hashes += 1)),
            hash(secret)
          )
      }))
      return Effect.gen(function* () {
        const { secret } = yield* Effect.flatMap(Tokens, ({ create }) => create("boss", "supervisor"))
        hashes = 0
        for (let times = 0; times < 3; times++) yield* nameOf(`Bearer ${Redacted.value(secret)}`)
        assert.strictEqual(hashes, 1)
        for (let times = 0; times < 3; times++) yield* nameOf("Bearer wrong")
        assert.strictEqual(hashes, 4)
        const long = `Plain id=boss&token=${Redacted.value(secret)}&padding=${"x".repeat(512)}`
        for (let times = 0; times < 3; times++) assert.strictEqual(yield* nameOf(long), "boss")
        assert.strictEqual(hashes, 7)
        yield* Effect.flatMap(Tokens, ({ create }) => create("ann", "client"))
        yield* nameOf(`Bearer ${Redacted.value(secret)}`)
        assert.strictEqual(hashes, 8)
      }).pipe(Effect.provide(counting))
    }
  )

  it.effect("does not remember a secret whose token is revoked while it is looked at", () => {
    const overtaken = authenticatorWith(({ hash, revoke }) => ({
      hash: (secret) => Effect.tap(hash(secret), () => Effect.ignore(revoke("ann")))
    }))
    return Effect.gen(function* () {
      const tokens = yield* Tokens
      yield* tokens.create("boss", "supervisor")
      const { secret } = yield* tokens.create("ann", "client")
      for (const _ of [1, 2]) assert.strictEqual(yield* nameOf(`Bearer ${Redacted.value(secret)}`), "refused")
    }).pipe(Effect.provide(overtaken))
  })
})
