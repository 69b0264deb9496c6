/** `lazyboss token`: makes, lists and revokes tokens. */
import { Console, Effect, Redacted } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Role, TokenName } from "../domain/access/Token.ts"
import { token as secret, url } from "./server/connection.ts"
import { dataDir, databaseUrl } from "./storeFlags.ts"

const access = {
  url: Flag.optional(url),
  token: secret,
  databaseUrl,
  dataDir: Flag.optional(dataDir)
}

const name = Argument.String("name").pipe(
  Argument.withDescription("The token's name"),
  Argument.withSchema(TokenName)
)

const load = Effect.promise(() => import("./tokenAccess.ts"))

// The secret alone goes to standard output, so that it can be taken from there.
const create = Command.make(
  "create",
  {
    ...access,
    name,
    role: Flag.Literals("role", Role.literals).pipe(Flag.withDescription("What it lets its owner do"))
  },
  ({ name, role, ...given }) =>
    Effect.gen(function* () {
      const { withTokens } = yield* load
      const secret = yield* withTokens({ ...given, mayMakeStore: true }, (tokens) =>
        tokens.create(name, role)
      )
      yield* Console.error(`${name} is a ${role} with this token, which is not shown again:`)
      yield* Console.log(Redacted.value(secret))
    })
).pipe(
  Command.withDescription("Make a token, and write its secret to standard output"),
  Command.withExamples([
    { command: "lazyboss token create ann --role supervisor", description: "Make the first token" },
    { command: "TOKEN=$(lazyboss token create web --role client)", description: "Keep the secret" }
  ])
)

const list = Command.make(
  "list",
  { ...access, json: Flag.Boolean("json").pipe(Flag.withDescription("As JSON"), Flag.withDefault(false)) },
  ({ json, ...given }) =>
    Effect.gen(function* () {
      const { toLines, withTokens } = yield* load
      const all = yield* withTokens({ ...given, mayMakeStore: false }, (tokens) => tokens.list)
      yield* Effect.forEach(json ? [JSON.stringify(all)] : toLines(all), (line) => Console.log(line))
    })
).pipe(Command.withDescription("List the tokens, without their secrets"))

const revoke = Command.make("revoke", { ...access, name }, ({ name, ...given }) =>
  Effect.gen(function* () {
    const { withTokens } = yield* load
    yield* withTokens({ ...given, mayMakeStore: false }, (tokens) => tokens.revoke(name))
    yield* Console.error(`${name} is revoked`)
  })
).pipe(Command.withDescription("Revoke a token"))

export const token = Command.make("token").pipe(
  Command.withDescription("Say who may call the server, and as what"),
  Command.withSubcommands([create, list, revoke])
)
