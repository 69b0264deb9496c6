/** The words that `npm run simulate` was given, as what it is asked for. */
import { availableParallelism } from "node:os"
import { Console, Effect, Option, Ref, Schema, Struct } from "effect"
import { CliConfig, CliOutput, Command, Flag, GlobalFlag } from "effect/cli"
import { describeMistake } from "../../../src/cli/commandLine.ts"
import { type CommandError, mistyped } from "../../../src/cli/CommandError.ts"
import { asContract, optionalText, switchedOn } from "../../../src/cli/input.ts"
import { version } from "../../../src/domain/version.ts"
import { draw, OptionsText, Seed } from "../Options.ts"
import { enoughForAll } from "./coverage.ts"
import type { Task } from "./Task.ts"

/** How many runs are played if nobody says for how long either. */
const usualRuns = 100
/** So that no two seeds of any number of runs are the same number. */
const lastFrom = 1_000_000_000_000_000

/** As many threads as anybody has cores. */
const mostWorkers = 256

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1, { message: "must be 1 or more" }))
const From = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: lastFrom }, { message: `must be 1 to ${lastFrom}` })
)
const Workers = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: mostWorkers }, { message: `must be 1 to ${mostWorkers}` })
)
const Minutes = Schema.Finite.check(Schema.isGreaterThan(0, { message: "must be more than 0" }))

const number = <A extends number>(name: string, schema: Schema.Codec<A, number>, description: string) =>
  Flag.Finite(name).pipe(
    Flag.withMetavar("number"),
    Flag.withSchema(schema),
    Flag.withDescription(description),
    Flag.optional
  )

const flags = {
  seed: Flag.String("seed").pipe(
    Flag.withSchema(Seed),
    Flag.withDescription("Play the run of this seed alone, and make it shorter if it fails"),
    Flag.optional
  ),
  options: optionalText(
    "options",
    "Play the run of these options alone, as they are printed of a failure; it is not made shorter again"
  ),
  trace: switchedOn("trace", "Show all that happens in the run of --seed or --options"),
  runs: number("runs", Count, `Play so many runs, ${usualRuns} if neither this nor --minutes is given`),
  minutes: number("minutes", Minutes, "Play runs for so long"),
  from: number("from", From, "The seed of the first of many runs, 1 if not given"),
  workers: number("workers", Workers, "How many threads play them, as many as there are cores if not given"),
  hashes: switchedOn("hashes", "Write down the hashes of ten runs anew, and say which are others")
}

interface Given {
  readonly seed: Option.Option<string>
  readonly options: Option.Option<string>
  readonly trace: boolean
  readonly runs: Option.Option<number>
  readonly minutes: Option.Option<number>
  readonly from: Option.Option<number>
  readonly workers: Option.Option<number>
  readonly hashes: boolean
}

const isGiven = (value: boolean | Option.Option<unknown>): boolean =>
  typeof value === "boolean" ? value : Option.isSome(value)

/** What is wrong with giving all of these together; null if nothing is. */
const contradiction = (given: Given): string | null => {
  const names = Struct.keys(given).filter((name) => isGiven(given[name]))
  const main = (["hashes", "options", "seed"] as const).find((name) => names.includes(name))
  if (main === undefined) {
    return given.trace ? "--trace shows one run: say which by --seed or --options" : null
  }
  const other = names.find((name) => name !== main && (name !== "trace" || main === "hashes"))
  return other === undefined ? null : `--${main} and --${other} do not go together`
}

const taskOf = Effect.fnUntraced(function* (given: Given): Effect.fn.Return<Task, CommandError> {
  const wrong = contradiction(given)
  if (wrong !== null) return yield* mistyped(wrong)
  if (given.hashes) return { _tag: "Hashes" }
  if (Option.isSome(given.seed)) {
    return { _tag: "OneRun", options: draw(given.seed.value), isDrawn: true, isTraced: given.trace }
  }
  if (Option.isSome(given.options)) {
    const options = yield* Effect.mapError(asContract(OptionsText, given.options.value), ({ message }) =>
      mistyped(`--options: ${message}`)
    )
    return { _tag: "OneRun", options, isDrawn: false, isTraced: given.trace }
  }
  return {
    _tag: "ManyRuns",
    from: Option.getOrElse(given.from, () => 1),
    runs: Option.getOrElse(given.runs, () => (Option.isSome(given.minutes) ? Infinity : usualRuns)),
    minutes: Option.getOrElse(given.minutes, () => Infinity),
    workers: Option.getOrElse(given.workers, availableParallelism)
  }
})

const program = "npm run simulate --"

const refuse = (what: string) => Console.error(`simulate: ${what} (see ${program} --help)`)

const Brief = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? refuse(event.errors.map(describeMistake).join("; "))
      : CliOutput.defaultPresenter.present(event)
})

const OnlyHelp = CliConfig.layer({ builtIns: [GlobalFlag.Help] })

const description =
  "Plays runs of the simulation, each drawn from a seed, and says what they covered. A run that fails is made shorter, and " +
  "shown with the command that plays it again. Ctrl-C ends it, with a summary. " +
  `In ${enoughForAll} runs and more everything must have occurred that is expected to. ` +
  "The status is 0 if all is well, 1 if a run failed or something never occurred, 2 if this is not understood, 130 if it was stopped, and 141 if whoever reads this stopped reading."

/** What these words ask for; none if they asked for help, which has been shown. What is wrong has been told when it fails. */
export const readTask = Effect.fnUntraced(
  function* (words: ReadonlyArray<string>) {
    const read = yield* Ref.make(Option.none<Task>())
    const command = Command.make(program, flags, (given) =>
      Effect.flatMap(taskOf(given), (task) => Ref.set(read, Option.some(task)))
    ).pipe(
      Command.withDescription(description),
      Command.withExamples([
        { command: `${program} --seed 18`, description: "One run again" },
        { command: `${program} --minutes 10 --from 5000`, description: "As many as there is time for" }
      ])
    )
    yield* Command.runWith(command, { version })(words).pipe(
      Effect.tapErrorTag("CommandError", ({ message }) => refuse(message))
    )
    return yield* Ref.get(read)
  },
  Effect.provide([Brief, OnlyHelp])
)
