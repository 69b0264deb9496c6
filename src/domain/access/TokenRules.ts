/** Which tokens may be created and revoked, so that nobody locks everybody out, or lets everybody in by mistake. */
import { Result } from "effect"
import { SupervisorNeeded, TokenExists, TokenNotFound, TooManyTokens } from "../Errors.ts"
import { isSecretOf, type Role, type StoredToken } from "./Token.ts"

/** Every server remembers all tokens, and a bearer's secret is compared to each. */
export const mostTokens = 1_000

/** Whether whoever was recognised by `token`, or without one while there was none, still is. */
export const isInForce = (tokens: ReadonlyArray<StoredToken>, token: StoredToken | null): boolean =>
  token === null
    ? tokens.length === 0
    : isSecretOf(
        tokens.find(({ name }) => name === token.name),
        token.hash
      )

/** What is against a new token among these. */
export const checkCreation = (
  tokens: ReadonlyArray<StoredToken>,
  token: { readonly name: string; readonly role: Role }
): Result.Result<void, TokenExists | TooManyTokens | SupervisorNeeded> => {
  if (tokens.some(({ name }) => name === token.name)) {
    return Result.fail(
      new TokenExists({ detail: "a token of this name exists: revoke it first, or choose another name" })
    )
  }
  if (tokens.length >= mostTokens) {
    return Result.fail(new TooManyTokens({ detail: `there can be at most ${mostTokens} tokens` }))
  }
  if (tokens.length === 0 && token.role !== "supervisor") {
    return Result.fail(
      new SupervisorNeeded({
        detail: "the first token must be a supervisor's, for from then on only supervisors can make others"
      })
    )
  }
  return Result.void
}

/** What is against revoking one of these tokens. `mayBeOpen` tells whether there may be none at all. */
export const checkRevocation = (
  tokens: ReadonlyArray<StoredToken>,
  name: string,
  mayBeOpen: boolean
): Result.Result<void, TokenNotFound | SupervisorNeeded> => {
  const token = tokens.find((one) => one.name === name)
  if (token === undefined) return Result.fail(new TokenNotFound({ detail: "no token has this name" }))
  const others = tokens.filter((one) => one !== token)
  if (others.length === 0 && !mayBeOpen) {
    return Result.fail(
      new SupervisorNeeded({
        detail:
          "this is the last token, and without any the server would be open to others than this machine's users: " +
          "start it with --open if that is what you want"
      })
    )
  }
  if (others.length > 0 && !others.some(({ role }) => role === "supervisor")) {
    return Result.fail(
      new SupervisorNeeded({
        detail: "this is the last supervisor's token: create another one, or revoke all others first"
      })
    )
  }
  return Result.void
}
