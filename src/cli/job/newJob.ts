/** A job as it is written on the command line. */
import { Effect, Option, Stdio, Stream } from "effect"
import { Argument, Flag } from "effect/cli"
import { Name } from "../../domain/Identifiers.ts"
import { argument, fromJson, given, manyTexts, optionalText } from "../input.ts"
import { mistyped } from "../CommandError.ts"

/** The most characters of parameters from standard input. */
const largestInput = 16 * 1_048_576

const wholeNumber = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withDescription(description), Flag.optional)

/** The type and parameters of a job. */
export const jobArguments = {
  type: argument("type", Name, "The type of the job"),
  parameters: Argument.String("parameters").pipe(
    Argument.withDescription("The parameters as JSON; - reads them from standard input"),
    Argument.optional
  )
}

/** What else can be said of any job. */
export const jobOptions = {
  priority: wholeNumber("priority", "Higher comes first; 0 if not given"),
  tag: manyTexts("tag", "A word to find the job by; may be given many times"),
  constraints: optionalText(
    "constraints",
    'What the worker must be able to do, as JSON: [{"skill": "memoryGb", "op": "gte", "value": 8}]'
  ),
  fairnessKey: optionalText("fairness-key", "On whose behalf it is done: those take turns"),
  expiresIn: optionalText("expires-in", "Fails the job if it is not finished by then, as in 1h"),
  maxAttempts: wholeNumber("max-attempts", "How often it may fail"),
  lease: optionalText("lease", "How long its worker may be silent, as in 60s"),
  maxRun: optionalText("max-run", "How long an attempt may take, as in 30m")
}

/** What the options say. */
export interface JobOptions {
  readonly priority: Option.Option<number>
  readonly tag: ReadonlyArray<string>
  readonly constraints: Option.Option<string>
  readonly fairnessKey: Option.Option<string>
  readonly expiresIn: Option.Option<string>
  readonly maxAttempts: Option.Option<number>
  readonly lease: Option.Option<string>
  readonly maxRun: Option.Option<string>
}

const readInput = Effect.gen(function* () {
  const { stdin } = yield* Stdio.Stdio
  return yield* stdin.pipe(
    Stream.decodeText(),
    Stream.runFoldEffect(
      () => "",
      (text, chunk) =>
        text.length + chunk.length > largestInput
          ? Effect.fail(mistyped(`standard input has more than ${largestInput} characters`))
          : Effect.succeed(text + chunk)
    ),
    Effect.catchTag("PlatformError", ({ message }) => Effect.fail(mistyped(`standard input: ${message}`)))
  )
})

/** The job as it is sent, not yet looked at. */
export const toNewJob = Effect.fnUntraced(function* (
  type: string,
  parameters: Option.Option<string>,
  { constraints, tag, ...options }: JobOptions
) {
  const isPiped = Option.contains(parameters, "-")
  const text = isPiped ? Option.some(yield* readInput) : parameters
  return {
    type,
    ...(Option.isSome(text) && { parameters: yield* fromJson("PARAMETERS", text.value) }),
    ...(tag.length > 0 && { tags: tag }),
    ...(Option.isSome(constraints) && {
      constraints: yield* fromJson(
        "--constraints",
        constraints.value,
        `'[{"skill": "memoryGb", "op": "gte", "value": 8}]'`
      )
    }),
    ...given<keyof typeof options, number | string>(options)
  }
})
