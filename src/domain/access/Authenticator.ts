/** Vouches for callers: by their tokens, or, in an open server, by believing them. */
import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { anyone, type Caller } from "./Caller.ts"
import { type Credentials, findToken, parseAuthorization } from "./Credentials.ts"
import { Unauthenticated } from "../Errors.ts"
import { Name } from "../Identifiers.ts"
import { isSecret } from "./Token.ts"
import { MayBeOpen, Tokens } from "./Tokens.ts"

/** At most this many Authorization headers are cached. A caller has one for each of its instances. */
const mostRemembered = 10_000
/** A header with more characters is read anew each time, so that nobody can fill the memory with it. */
const longestRemembered = 512

const isName = Schema.is(Name)

const notUnderstood = (isOpen: boolean) =>
  new Unauthenticated({
    detail: isOpen
      ? "the Authorization header must be Bearer NAME, Basic base64(NAME:) or Plain id=NAME"
      : "the Authorization header must be Bearer TOKEN, Basic base64(NAME:TOKEN) or Plain id=NAME&token=TOKEN"
  })
const noName = new Unauthenticated({
  detail: "the identity must be a letter or digit, then up to 127 letters, digits or any of . _ : / @ -"
})
const noCredentials = new Unauthenticated({
  detail: "this server wants a token: send Authorization: Bearer TOKEN"
})
// Whether it is the name or the secret is nobody's business who does not know both.
const wrongCredentials = new Unauthenticated({ detail: "no token has these credentials" })
const locked = new Unauthenticated({
  detail:
    "this server wants a token, and there is none: make one with lazyboss token create NAME --role supervisor"
})

// A secret that an open server does not ask for must not become a name that all can read.
const identityOf = (credentials: Credentials): Option.Option<string> => {
  if (credentials._tag === "Named") return Option.some(credentials.name)
  const text = Redacted.value(credentials.secret)
  return isSecret(text) ? Option.none() : Option.some(text)
}

const nobody = anyone(Option.none())

export class Authenticator extends Context.Service<
  Authenticator,
  {
    /** Who it is that sent this `Authorization` header, or sent none. */
    readonly identify: (header: Option.Option<string>) => Effect.Effect<Caller, Unauthenticated>
    /** For what took a while: fails if the caller would not be recognised any more. */
    readonly confirm: (caller: Caller) => Effect.Effect<void, Unauthenticated>
    /** For what takes a while: fails as soon as the caller would not be recognised any more, and until then waits. */
    readonly refuseOnceDisowned: (caller: Caller) => Effect.Effect<never, Unauthenticated>
  }
>()("lazyboss/domain/access/Authenticator") {
  static readonly layer = Layer.effect(
    Authenticator,
    Effect.gen(function* () {
      const tokens = yield* Tokens
      const mayBeOpen = yield* MayBeOpen
      // By their headers, as long as the tokens are those by which they were recognised.
      let remembered = { by: tokens.current(), callers: new Map<string, Caller>() }

      const recall = (header: string): Caller | undefined =>
        remembered.by === tokens.current() ? remembered.callers.get(header) : undefined

      const remember = (header: string, caller: Caller) => {
        if (header.length > longestRemembered) return
        const by = tokens.current()
        if (remembered.by !== by || remembered.callers.size >= mostRemembered) {
          remembered = { by, callers: new Map() }
        }
        remembered.callers.set(header, caller)
      }

      const believe = (header: string): Effect.Effect<Caller, Unauthenticated> => {
        const credentials = parseAuthorization(header)
        if (Option.isNone(credentials)) return Effect.fail(notUnderstood(true))
        const name = identityOf(credentials.value)
        const caller = anyone(name)
        if (Option.isNone(name)) return Effect.succeed(caller)
        if (!isName(name.value)) return Effect.fail(noName)
        remember(header, caller)
        return Effect.succeed(caller)
      }

      const recognise = Effect.fnUntraced(function* (
        header: string
      ): Effect.fn.Return<Caller, Unauthenticated> {
        const credentials = parseAuthorization(header)
        if (Option.isNone(credentials)) return yield* notUnderstood(false)
        const hash = yield* tokens.hash(credentials.value.secret)
        // Nothing may come between looking the token up and remembering it, for it may be revoked at any time.
        const token = findToken(tokens.current(), credentials.value, hash)
        if (token === undefined) return yield* wrongCredentials
        const name = credentials.value._tag === "Named" ? credentials.value.name : token.name
        if (!isName(name)) return yield* noName
        const caller: Caller = { name: Option.some(name), role: token.role, token }
        remember(header, caller)
        return caller
      })

      return Authenticator.of({
        confirm: (caller) =>
          Effect.suspend(() => (tokens.recognises(caller) ? Effect.void : Effect.fail(wrongCredentials))),
        refuseOnceDisowned: (caller) =>
          Effect.andThen(tokens.disowned(caller), Effect.fail(wrongCredentials)),
        identify: (header) =>
          Effect.suspend(() => {
            const isOpen = tokens.current().length === 0
            if (isOpen && !mayBeOpen) return Effect.fail(locked)
            if (Option.isNone(header)) return isOpen ? Effect.succeed(nobody) : Effect.fail(noCredentials)
            const caller = recall(header.value)
            if (caller !== undefined) return Effect.succeed(caller)
            return isOpen ? believe(header.value) : recognise(header.value)
          })
      })
    })
  )
}
