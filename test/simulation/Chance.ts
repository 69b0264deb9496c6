/** Chance, ids and fingerprints that a seed gives again. */
import { createHash } from "node:crypto"
import { Effect, Layer, Random } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { makeDice } from "../support/Dice.ts"

/** The chance that the domain asks for, in place of that of the system. */
export const layer = (seed: string) => {
  const dice = makeDice(`${seed} domain`)
  const ids = makeDice(`${seed} ids`)
  return Layer.mergeAll(
    Layer.succeed(Random.Random, {
      nextDoubleUnsafe: dice.next,
      nextIntUnsafe: () => dice.below(Number.MAX_SAFE_INTEGER)
    }),
    Layer.sync(SecureRandom.SecureRandom, () =>
      SecureRandom.make((size) => Uint8Array.from({ length: size }, () => ids.below(256)))
    ),
    // The system's own answers at a time that no seed decides.
    Layer.succeed(Digest.Digest, {
      digest: ({ name }, data) => Effect.sync(() => new Uint8Array(hash(name, data).digest())),
      digestHex: ({ name }, data) => Effect.sync(() => hash(name, data).digest("hex"))
    })
  )
}

const hash = (name: string, data: Uint8Array) => createHash(name.toLowerCase().replace("-", "")).update(data)
