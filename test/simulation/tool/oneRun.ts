/** Plays one run, and says what it covered, or how it failed. */
import type { RunSettings } from "../Simulation.ts"
import { summaryOf } from "./coverage.ts"
import { describeFailure, replayOptions } from "./failure.ts"
import type { Output } from "./Output.ts"
import { playRun } from "./playRun.ts"
import { showShortened } from "./shortening.ts"
import { type Status, status } from "./Status.ts"
import type { OneRun } from "./Task.ts"

/** `stopping` is asked for the signal once the run has been played: until then Ctrl-C ends the process by itself. */
export const playOne = async (
  { isDrawn, isTraced, options }: OneRun,
  output: Output,
  stopping: () => AbortSignal,
  settings: RunSettings = {}
): Promise<Status> => {
  const outcome = playRun(options, isTraced ? { ...settings, write: output.say } : settings)
  for (const line of summaryOf(outcome.counts, 1)) output.say(line)
  output.say(`${isDrawn ? `seed ${options.seed}` : "these options"}: hash ${outcome.hash}`)
  if (outcome.violation === null) return status.well
  if (!isDrawn) {
    const replay = { what: "this run again", command: replayOptions(options) }
    for (const line of describeFailure(outcome, [replay])) output.say(line)
    return status.failed
  }
  const signal = stopping()
  await showShortened(outcome, settings, output, signal)
  if (!signal.aborted) return status.failed
  output.say("stopped")
  return status.stopped
}
