/** Who is calling: the three spellings of an identity and its secret, and who vouches for it. */
import { Context, Effect, Layer, Option, Result, Schema } from "effect"
import { Base64 } from "effect/encoding"
import { Unauthenticated } from "./Errors.ts"
import { Name } from "./Identifiers.ts"

/** Whoever made a request. No name when none was given. */
export interface Caller {
  readonly name: Option.Option<string>
}

/** An identity, and the secret that proves it: empty where none was given. */
export interface Credentials {
  readonly name: string
  readonly secret: string
}

/** The schemes that are understood, as `WWW-Authenticate` lists them. */
export const challenge = 'Bearer realm="lazyboss", Basic realm="lazyboss", Plain realm="lazyboss"'

const fromBasic = (encoded: string): Option.Option<Credentials> => {
  const decoded = Result.getOrUndefined(Base64.decodeString(encoded))
  const [, name, secret] = /^([^:]*):(.*)$/s.exec(decoded ?? "") ?? []
  return name === undefined || secret === undefined ? Option.none() : Option.some({ name, secret })
}

const fromPlain = (text: string): Option.Option<Credentials> => {
  const fields = new URLSearchParams(text)
  const name = fields.get("id")
  return name === null ? Option.none() : Option.some({ name, secret: fields.get("token") ?? "" })
}

/**
 * Reads an `Authorization` header: `Bearer TOKEN`, `Basic base64(NAME:TOKEN)` or `Plain id=NAME&token=TOKEN`. A bearer
 * token is both name and secret until it is looked up. None if it is none of these.
 */
export const parseAuthorization = (header: string): Option.Option<Credentials> => {
  const [, scheme, rest] = /^([A-Za-z]+) +(\S.*?) *$/s.exec(header) ?? []
  if (scheme === undefined || rest === undefined) return Option.none()
  switch (scheme.toLowerCase()) {
    case "bearer":
      return Option.some({ name: rest, secret: rest })
    case "basic":
      return fromBasic(rest)
    case "plain":
      return fromPlain(rest)
    default:
      return Option.none()
  }
}

const isName = Schema.is(Name)

/** Vouches for callers. */
export class Authenticator extends Context.Service<
  Authenticator,
  {
    /** Who it is that sent this `Authorization` header, or sent none. */
    readonly identify: (header: Option.Option<string>) => Effect.Effect<Caller, Unauthenticated>
  }
>()("lazyboss/domain/Caller/Authenticator") {
  /** An open server: anyone may call, and is believed. */
  static readonly open = Layer.succeed(Authenticator, {
    identify: Effect.fnUntraced(function* (header) {
      if (Option.isNone(header)) return { name: Option.none() }
      const credentials = parseAuthorization(header.value)
      if (Option.isNone(credentials)) {
        return yield* new Unauthenticated({
          detail: "the Authorization header must be Bearer NAME, Basic base64(NAME:) or Plain id=NAME"
        })
      }
      const { name } = credentials.value
      if (!isName(name)) {
        return yield* new Unauthenticated({
          detail:
            "the identity must be a letter or digit, then up to 127 letters, digits or any of . _ : / @ -"
        })
      }
      return { name: Option.some(name) }
    })
  })
}
