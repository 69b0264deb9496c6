/** Who may call, and as what. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { SupervisorNeeded, TokenExists, TokenNotFound, TooManyTokens } from "../Errors.ts"
import { Role, Token, TokenName } from "../access/Token.ts"
import { Authentication } from "./Authentication.ts"

/** What is asked for. */
export const NewToken = Schema.Struct({ name: TokenName, role: Role }).annotate({ identifier: "NewToken" })

/** A new token with its secret, which is never shown again. */
export const CreatedToken = Schema.Struct({ ...Token.fields, token: Schema.String }).annotate({
  identifier: "CreatedToken"
})

export class TokensApi extends HttpApiGroup.make("tokens")
  .add(
    HttpApiEndpoint.get("list", "/tokens", { success: Schema.Array(Token) }).annotateMerge(
      OpenApi.annotations({ summary: "The tokens by name, without their secrets" })
    ),
    HttpApiEndpoint.post("create", "/tokens", {
      payload: NewToken,
      success: CreatedToken.pipe(HttpApiSchema.status(201)),
      error: [TokenExists, TooManyTokens, SupervisorNeeded]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Create a token",
        description:
          "Its secret, `token`, is shown this once. As soon as there is a token, nobody can call without one; the first " +
          "must therefore be a supervisor's."
      })
    ),
    HttpApiEndpoint.delete("revoke", "/tokens/:name", {
      params: { name: TokenName },
      success: HttpApiSchema.NoContent,
      error: [TokenNotFound, SupervisorNeeded]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Revoke a token",
        description:
          "From then on, on all servers within a second, no request is let in with it, and what was open by it ends: streams " +
          "end, who waits for a job's end is refused, and who waits for work is given none. The last supervisor's token cannot " +
          "be revoked while there are others. Without any token the server is open again, so the last one can only be revoked " +
          "where it may be: on loopback, or with --open."
      })
    )
  )
  .middleware(Authentication)
  .annotateMerge(OpenApi.annotations({ title: "Tokens", description: "Who may call, and as what." })) {}
