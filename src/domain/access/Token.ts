/** Tokens: who may call, and as what. A secret is shown once, and only its hash is kept. */
import { type DateTime, Redacted, Schema } from "effect"
import { Base64Url } from "effect/encoding"
import { Mac } from "effect/crypto"
import { Timestamp } from "../Timestamp.ts"

/**
 * What a caller may do: a `client` creates and follows jobs and decides on its own, a `worker` claims and reports, and a
 * `supervisor` may do everything.
 */
export const Role = Schema.Literals(["client", "worker", "supervisor"])
export type Role = typeof Role.Type

/** Whether a caller of this role may do what needs that role. */
export const admits = (role: Role, needed: Role): boolean => role === "supervisor" || role === needed

/**
 * The name of a token. Unlike other names it has no slash, which begins the instance in `name/instance`, and no colon,
 * which ends the name in `Basic` credentials.
 */
export const TokenName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, {
    message: "must be a token's name: a letter or digit, then up to 127 letters, digits or any of . _ @ -"
  })
)

/** A token as it is shown: without its secret, which nobody knows but its owner. */
export const Token = Schema.Struct({ name: TokenName, role: Role, createdAt: Timestamp }).annotate({
  identifier: "Token"
})
export type Token = typeof Token.Type

/** A token as it is kept. */
export interface StoredToken {
  readonly name: string
  readonly role: Role
  readonly createdAt: DateTime.Utc
  /** The SHA-256 of the secret. */
  readonly hash: Uint8Array
}

/** The number of random bytes in a secret. */
export const secretBytes = 32

const prefix = "lzb_"

/** The secret that is made of random bytes. */
export const toSecret = (bytes: Uint8Array): Redacted.Redacted =>
  Redacted.make(`${prefix}${Base64Url.encode(bytes)}`, { label: "token" })

/** Whether a text has the form of a secret, whether or not it is one that is known. */
export const isSecret = (text: string): boolean => /^lzb_[\w-]{43}$/.test(text)

// No secret has this hash, as far as anybody knows.
const nobodysHash = new Uint8Array(32)

/**
 * Whether a secret of this hash is the token's. It takes as long whether the token exists or not and wherever the hashes
 * differ, so that nothing can be learned from the time.
 */
export const isSecretOf = (token: StoredToken | undefined, hash: Uint8Array): token is StoredToken =>
  Mac.timingSafeEqual(token?.hash ?? nobodysHash, hash) && token !== undefined
