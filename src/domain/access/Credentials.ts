/** The three spellings of an identity and its secret, and whose they are. */
import { Option, Redacted, Result } from "effect"
import { Base64 } from "effect/encoding"
import { tokenNameOf } from "./Caller.ts"
import { isSecretOf, type StoredToken } from "./Token.ts"

/** What a caller shows: a secret that says by itself whose it is, or an identity with its secret, empty where none is given. */
export type Credentials =
  | { readonly _tag: "Bearer"; readonly secret: Redacted.Redacted }
  | { readonly _tag: "Named"; readonly name: string; readonly secret: Redacted.Redacted }

/** The schemes that are understood, as `WWW-Authenticate` lists them. */
export const challenge = 'Bearer realm="lazyboss", Basic realm="lazyboss", Plain realm="lazyboss"'

const named = (name: string, secret: string): Option.Option<Credentials> =>
  Option.some({ _tag: "Named", name, secret: Redacted.make(secret) })

const fromBasic = (encoded: string): Option.Option<Credentials> => {
  const decoded = Result.getOrUndefined(Base64.decodeString(encoded))
  const [, name, secret] = /^([^:]*):(.*)$/s.exec(decoded ?? "") ?? []
  return name === undefined || secret === undefined ? Option.none() : named(name, secret)
}

const fromPlain = (text: string): Option.Option<Credentials> => {
  const fields = new URLSearchParams(text)
  const name = fields.get("id")
  return name === null ? Option.none() : named(name, fields.get("token") ?? "")
}

/**
 * Reads an `Authorization` header: `Bearer TOKEN`, `Basic base64(NAME:TOKEN)` or `Plain id=NAME&token=TOKEN`. None if it is
 * none of these.
 */
export const parseAuthorization = (header: string): Option.Option<Credentials> => {
  const [, scheme, rest] = /^([A-Za-z]+) +(\S.*?) *$/s.exec(header) ?? []
  if (scheme === undefined || rest === undefined) return Option.none()
  switch (scheme.toLowerCase()) {
    case "bearer":
      return Option.some({ _tag: "Bearer", secret: Redacted.make(rest) })
    case "basic":
      return fromBasic(rest)
    case "plain":
      return fromPlain(rest)
    default:
      return Option.none()
  }
}

/** The token that the credentials are of, by the hash of their secret. Undefined if they are wrong. */
export const findToken = (
  tokens: ReadonlyArray<StoredToken>,
  credentials: Credentials,
  hash: Uint8Array
): StoredToken | undefined => {
  if (credentials._tag === "Bearer") return tokens.find((token) => isSecretOf(token, hash))
  const name = tokenNameOf(credentials.name)
  const token = tokens.find((one) => one.name === name)
  return isSecretOf(token, hash) ? token : undefined
}
