/** Writes down anew which hashes some runs have, for whoever has changed on purpose what the domain does. */
import { draw } from "../Options.ts"
import type { RunSettings } from "../Simulation.ts"
import { replaySeed } from "./failure.ts"
import type { Output } from "./Output.ts"
import { playRun } from "./playRun.ts"
import { type Status, status } from "./Status.ts"

/** The hash of each seed. */
export type Hashes = Readonly<Record<string, string>>

/** Writes nothing if one of the runs fails: its hash would be that of a mistake. */
export const renewHashes = (
  known: Hashes,
  write: (hashes: Hashes) => void,
  output: Output,
  settings: RunSettings = {}
): Status => {
  const hashes: Record<string, string> = {}
  const changes: Array<string> = []
  for (const [seed, before] of Object.entries(known)) {
    const { hash, violation } = playRun(draw(seed), settings)
    if (violation !== null) {
      output.complain(`seed ${seed} fails: ${violation.checker}: ${violation.text}`)
      output.complain(`No hash is written. This shows more: ${replaySeed(seed)}`)
      return status.failed
    }
    hashes[seed] = hash
    if (hash !== before) changes.push(`seed ${seed}: ${before} is ${hash} now`)
  }
  write(hashes)
  for (const change of changes) output.say(change)
  output.say(`${changes.length} of ${Object.keys(known).length} hashes are others`)
  return status.well
}
