/** Makes a run that failed shorter, and shows what is left of it. */
import type { Outcome, RunSettings } from "../Simulation.ts"
import { describeFailure, replayOptions, replaySeed } from "./failure.ts"
import type { Output } from "./Output.ts"
import { reduce } from "./reduce.ts"

/** The most tries to make a failure shorter. */
const mostTries = 200

/** Shows the shortest run that fails like this one, which was drawn from its seed, and was found before the signal. */
export const showShortened = async (
  failed: Outcome,
  settings: RunSettings,
  output: Output,
  signal: AbortSignal
): Promise<void> => {
  const { seed } = failed.options
  output.show(`seed ${seed} fails, and is made shorter`)
  const reduced = await reduce(failed, settings, mostTries, signal)
  const replays = [
    ...(reduced === failed ? [] : [{ what: "this run again", command: replayOptions(reduced.options) }]),
    { what: reduced === failed ? "this run again" : "as it was drawn", command: replaySeed(seed) }
  ]
  for (const line of describeFailure(reduced, replays)) output.say(line)
}
