/** Options and arguments whose values are JSON, or have to be what the contract takes. */
import { Effect, Option, Schema, Struct } from "effect"
import { Argument, Flag } from "effect/cli"
import { Reason } from "../domain/Identifiers.ts"
import type { JsonValue } from "../domain/Json.ts"
import { describeIssues, inputIssuesOf } from "../domain/inputIssues.ts"
import { mistyped, type CommandError } from "./CommandError.ts"

const parseJson = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Json))

const someJson = `'{"url": "https://example.org"}' or '"text"'`

/** What somebody wrote as JSON. `what` is what it is called, `example` what it may look like. */
export const fromJson = (
  what: string,
  text: string,
  example: string = someJson
): Effect.Effect<JsonValue, CommandError> =>
  Effect.mapError(parseJson(text), () =>
    mistyped(`${what} must be JSON, as ${example}, not ${text.trim() === "" ? "nothing" : text.slice(0, 40)}`)
  )

/** Reads what was written on the command line as the contract would, so that mistakes are seen before they are sent. */
export const asContract = <A, I>(
  schema: Schema.Codec<A, I>,
  value: unknown
): Effect.Effect<A, CommandError> =>
  Schema.decodeUnknownEffect(schema)(value, { onExcessProperty: "error", errors: "all" }).pipe(
    Effect.mapError((error) => mistyped(describeIssues(inputIssuesOf(error))))
  )

/** An argument that is what the contract says. */
export const argument = <A>(name: string, schema: Schema.Codec<A, string>, description: string) =>
  Argument.String(name).pipe(Argument.withDescription(description), Argument.withSchema(schema))

/** An option that need not be given. */
export const optionalText = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** Something that is so if it is named. */
export const switchedOn = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** Why somebody decides something. */
export const reason = Flag.String("reason").pipe(
  Flag.withDescription("Why, in a line for people"),
  Flag.withSchema(Reason),
  Flag.optional
)

/** An option that may be given many times. */
export const manyTexts = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.atLeast(0))

/** The fields that were given, by their names in the contract. */
export const given = <Name extends string, Value>(
  fields: Readonly<Record<Name, Option.Option<Value>>>
): { readonly [Field in Name]?: Value } => {
  const said: { [Field in Name]?: Value } = {}
  for (const name of Struct.keys(fields)) {
    const value = fields[name]
    if (Option.isSome(value)) said[name] = value.value
  }
  return said
}
