/** Which server to ask, as the command line is told. */
import { Config, Schema } from "effect"
import { Flag } from "effect/cli"

/** Where a server listens if nothing is said. */
const defaultUrl = "http://127.0.0.1:8080"

const ServerUrl = Schema.String.check(
  Schema.makeFilter(
    (text) =>
      (URL.canParse(text) && /^https?:/.test(text)) || `must be an address like ${defaultUrl}, not ${text}`
  )
)

export const url = Flag.String("url").pipe(
  Flag.withDescription(`The server to ask (LAZYBOSS_URL); ${defaultUrl} if not given`),
  Flag.withSchema(ServerUrl),
  Flag.withFallbackConfig(Config.schema(ServerUrl, "LAZYBOSS_URL")),
  Flag.map((url) => url.replace(/\/+$/, ""))
)

export const token = Flag.Redacted("token").pipe(
  Flag.withDescription("The secret of a token, for a server that wants one (LAZYBOSS_TOKEN)"),
  Flag.withFallbackConfig(Config.Redacted("LAZYBOSS_TOKEN")),
  Flag.optional
)

/** The options of every command that talks to a server. */
export const connection = { url: Flag.withDefault(url, defaultUrl), token }

/** As JSON, for programs. */
export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Write JSON, for programs"),
  Flag.withDefault(false)
)

/** How many items a list has at most. */
export const limit = Flag.Int("limit").pipe(
  Flag.withDescription("How many to list at most"),
  Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))),
  Flag.withDefault(100)
)
