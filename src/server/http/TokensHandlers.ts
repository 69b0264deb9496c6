/** Translates between HTTP and the tokens for the group `tokens`. */
import { Effect, Redacted, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../../domain/api/Api.ts"
import { CreatedToken, NewToken } from "../../domain/api/Tokens.ts"
import { Tokens } from "../../domain/access/Tokens.ts"
import { jsonResponse } from "./JsonResponse.ts"
import { decode, RequestBodies } from "./RequestBodies.ts"
import { withAllServices } from "./RequestServices.ts"

const decodeNewToken = decode(NewToken)
const encodeCreated = Schema.encodeSync(CreatedToken)
const created = jsonResponse<typeof CreatedToken.Encoded>

export const TokensHandlers = HttpApiBuilder.group(
  Api,
  "tokens",
  Effect.fnUntraced(function* (handlers) {
    const tokens = yield* Tokens
    const bodies = yield* RequestBodies

    return handlers
      .handle("list", () =>
        Effect.sync(() => tokens.current().map(({ createdAt, name, role }) => ({ name, role, createdAt })))
      )
      .handleRaw("create", ({ request }) =>
        Effect.gen(function* () {
          const wish = yield* decodeNewToken(yield* bodies.readJson(request))
          const { secret, token } = yield* tokens.create(wish.name, wish.role)
          const { createdAt, name, role } = token
          const shown = encodeCreated({ name, role, createdAt, token: Redacted.value(secret) })
          return created(shown, 201, { "cache-control": "no-store" })
        })
      )
      .handle("revoke", ({ params }) => tokens.revoke(params.name))
  }, withAllServices)
)
