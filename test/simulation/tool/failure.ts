/** What is shown of a run that failed: what is wrong, how it is played again, and what happened before. */
import { Schema } from "effect"
import { type Options, OptionsText } from "../Options.ts"
import type { Outcome } from "../Simulation.ts"

/** How many of the last lines of the trace are shown, and of those that name what the violation names. */
const lastLines = 20
const mostNamed = 40

const inShell = (text: string): string =>
  /^[\w.][\w.-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The commands that play the run of a seed again, and the one of options. */
export const replaySeed = (seed: string): string =>
  // What looks like a flag is taken for one unless it is tied to its own.
  `npm run simulate -- --seed${seed.startsWith("-") ? "=" : " "}${inShell(seed)}`
export const replayOptions = (options: Options): string =>
  `npm run simulate -- --options ${inShell(Schema.encodeSync(OptionsText)(options))}`

const idForm = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const actorForm = /\b[a-z]+-\d+\b/g

/** What the violation is about: jobs, attempts and projects, or else who takes part. */
const namesIn = (text: string): ReadonlyArray<string> => {
  const ids = text.match(idForm) ?? text.match(actorForm) ?? []
  return [...new Set<string>(ids)]
}

const excerpt = (trace: ReadonlyArray<string>, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isNamed = (line: string) => names.some((name) => line.split(/[^\w-]+/).includes(name))
  const named = trace.flatMap((line, place) => (isNamed(line) ? [place] : [])).slice(-mostNamed)
  const last = trace.length - lastLines
  const shown = trace.flatMap((_, place) => (place >= last || named.includes(place) ? [place] : []))
  return shown.flatMap((place, index) => {
    const line = trace[place] ?? ""
    const isGap = place > 0 && shown[index - 1] !== place - 1
    return [...(isGap ? ["    …"] : []), `${isNamed(line) ? "  >" : "   "} ${line}`]
  })
}

/** A way to play a run again. */
export interface Replay {
  readonly what: string
  readonly command: string
}

/** What is wrong with a run that failed, and the end of its trace. */
export const describeFailure = (
  { options, simulatedMillis, trace, violation }: Outcome,
  replays: ReadonlyArray<Replay>
): ReadonlyArray<string> => {
  const { checker, text } = violation ?? { checker: "nothing", text: "is wrong" }
  const names = namesIn(text)
  const which = names.length === 0 ? "" : `, > for ${names.join(" and ")}`
  return [
    `seed ${options.seed} fails after ${(simulatedMillis / 1_000).toFixed(3)} s: ${checker}: ${text}`,
    ...replays.flatMap(({ command, what }) => [`  ${what}:`, `    ${command}`]),
    ...(trace.length === 0 ? [] : [`  the end of its trace${which}:`]),
    ...excerpt(trace, names)
  ]
}
