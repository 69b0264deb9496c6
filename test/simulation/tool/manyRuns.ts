/** Plays many runs, and says what they covered, and which failed and how. */
import { draw } from "../Options.ts"
import type { RunSettings } from "../Simulation.ts"
import * as Coverage from "./coverage.ts"
import { replaySeed } from "./failure.ts"
import type { Output } from "./Output.ts"
import { playAll, type Played } from "./playing.ts"
import { playRun } from "./playRun.ts"
import { showShortened } from "./shortening.ts"
import { type Status, status } from "./Status.ts"
import type { ManyRuns } from "./Task.ts"

/** How many failures are made shorter and shown; of the others there is the seed. */
const mostShown = 5
const hour = 3_600_000

/** What came of the runs that have been played. */
class Tally {
  readonly #startedAt = performance.now()
  readonly sums = new Map<string, number>()
  readonly failed: Array<Played> = []
  runs = 0
  #simulated = 0

  add(played: Played): void {
    this.runs += 1
    this.#simulated += played.simulatedMillis
    Coverage.add(this.sums, played.counts)
    if (played.violation !== null) this.failed.push(played)
  }

  get minutes(): number {
    return (performance.now() - this.#startedAt) / 60_000
  }

  /** What has never occurred and should have, by now. */
  get missing(): ReadonlyArray<string> {
    return Coverage.missingFrom(this.sums, this.runs)
  }

  toString(): string {
    const hours = this.#simulated / hour
    const rate = hours / (this.minutes * 60)
    return (
      `${this.runs} ${this.runs === 1 ? "run" : "runs"}, ${this.failed.length} failed, ` +
      `${hours.toFixed(1)} simulated hours, ${rate.toFixed(2)} in a second`
    )
  }
}

const showFailure = async (
  { hasDied, seed, violation }: Played,
  settings: RunSettings,
  output: Output,
  signal: AbortSignal
): Promise<void> => {
  // What was too much for a thread is too much for this one.
  const again = hasDied ? null : playRun(draw(seed), settings)
  if (again !== null && again.violation !== null) return showShortened(again, settings, output, signal)
  output.say(`seed ${seed} fails: ${violation?.checker}: ${violation?.text}`)
  output.say(hasDied ? "  its thread died of it:" : "  played again it does not fail:")
  output.say(`    ${replaySeed(seed)}`)
}

const showFailures = async (
  failed: ReadonlyArray<Played>,
  settings: RunSettings,
  output: Output,
  signal: AbortSignal
): Promise<void> => {
  let shown = 0
  for (const one of failed.slice(0, mostShown)) {
    if (signal.aborted) break
    output.say("")
    await showFailure(one, settings, output, signal)
    shown += 1
  }
  if (shown === failed.length) return
  output.say("")
  output.say(shown === 0 ? "these fail:" : "these fail as well:")
  for (const { seed } of failed.slice(shown)) output.say(`  ${replaySeed(seed)}`)
}

/** `play` plays them in threads, and `settings` are those of the runs that are played again here. */
export const playMany = async (
  { from, minutes, runs, workers }: ManyRuns,
  output: Output,
  signal: AbortSignal,
  play: typeof playAll = playAll,
  settings: RunSettings = {}
): Promise<Status> => {
  const tally = new Tally()
  await play({ from, runs, workers, signal, isEnough: () => tally.minutes >= minutes }, (played) => {
    tally.add(played)
    if (played.violation !== null) output.say(`seed ${played.seed} fails: ${played.violation.checker}`)
    output.show(tally.toString())
  })
  for (const line of Coverage.summaryOf(tally.sums, tally.runs)) output.say(line)
  if (tally.runs < Coverage.enoughForAll) {
    output.say(`what never occurred is told, and is a failure, from ${Coverage.enoughForAll} runs on`)
  }
  const failed = tally.failed.toSorted((left, right) => Number(left.seed) - Number(right.seed))
  await showFailures(failed, settings, output, signal)
  const { missing } = tally
  if (missing.length > 0) output.say(`${missing.length} things never occurred`)
  output.say(`${signal.aborted ? "stopped: " : ""}${tally.toString()}`)
  if (signal.aborted) return status.stopped
  return failed.length === 0 && missing.length === 0 ? status.well : status.failed
}
