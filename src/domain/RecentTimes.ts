/**
 * Points in time and their texts, remembered for a while: jobs that are stored, given or ended together share most of theirs,
 * and to make or to write a time costs more than to look it up.
 */
import { DateTime } from "effect"

interface Known {
  readonly time: DateTime.Utc
  text: string | null
}

/** A power of two, so that any number of milliseconds has a place, by its last bits. */
const places = 256
const known: Array<Known | undefined> = Array.from({ length: places }, () => undefined)

const knownOf = (millis: number): Known => {
  const place = millis & (places - 1)
  const found = known[place]
  if (found?.time.epochMilliseconds === millis) return found
  const made = { time: DateTime.makeUnsafe(millis), text: null }
  known[place] = made
  return made
}

/** The time this many milliseconds after the epoch. */
export const timeOf = (millis: number): DateTime.Utc => knownOf(millis).time

/** The time as the API writes it: RFC 3339 in UTC, with milliseconds. */
export const formatTime = ({ epochMilliseconds }: DateTime.Utc): string => {
  const found = knownOf(epochMilliseconds)
  found.text ??= DateTime.formatIso(found.time)
  return found.text
}
