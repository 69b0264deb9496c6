/** What a run is like: all of it is drawn from the seed, so that the seed says everything. */
import { Array as Arr } from "effect"
import { type Dice, makeDice } from "../stores/Dice.ts"

/** How often something goes wrong, each from 0 to 1. */
export interface Faults {
  readonly requestLost: number
  readonly answerLost: number
  readonly requestDoubled: number
  /** Of the news that servers tell one another. */
  readonly newsLost: number
  readonly newsDoubled: number
  /** A call of the store fails before or after it took effect. */
  readonly storeBefore: number
  readonly storeAfter: number
  /** A worker goes on without a word, is silent for long and reports all the same, or needs longer than it may. */
  readonly workerVanishes: number
  readonly workerHangs: number
  readonly workerSlow: number
  /** A worker says that it failed. */
  readonly workerFails: number
  /** A worker breaks off its stream of claims, or its progress. */
  readonly workerBreaksOff: number
  /** A follower lets its stream wait, or breaks it off. */
  readonly followerSlow: number
  readonly followerBreaks: number
}

/** Mean times between what happens now and then, in milliseconds; null for never. */
export interface Incidents {
  readonly serverDies: number | null
  readonly storeAway: number | null
  readonly supervisorActs: number | null
  readonly clockSet: number | null
}

export interface Options {
  readonly seed: string
  readonly servers: number
  readonly clients: number
  readonly workers: number
  /** Workers that keep a stream of claims open. */
  readonly streamers: number
  readonly followers: number
  readonly feedReaders: number
  /** How long there are faults and new jobs, in milliseconds. */
  readonly length: number
  /** The mean time between what a client creates, in milliseconds. */
  readonly pace: number
  /** The longest delay of a message or of a call of the store, in milliseconds. */
  readonly networkDelay: number
  readonly storeDelay: number
  readonly newsDelay: number
  readonly faults: Faults
  readonly incidents: Incidents
  /** Actors that do not take part, by name: for reducing a run that failed. */
  readonly without: ReadonlySet<string>
}

const minute = 60_000

/** In minutes: most runs are short, for many beginnings show more than one long run. */
const lengths = [
  ...Arr.makeBy(4, () => 0.2),
  ...Arr.makeBy(4, () => 0.3),
  ...Arr.makeBy(6, () => 0.5),
  ...Arr.makeBy(4, () => 1),
  2,
  4
] as const

const drawFaults = (dice: Dice): Faults => {
  // Many runs have few kinds of faults, so that one does not hide what another would show.
  const rate = (...rates: readonly [number, ...ReadonlyArray<number>]) =>
    dice.chance(0.5) ? 0 : dice.pick(...rates)
  return {
    requestLost: rate(0.01, 0.1),
    answerLost: rate(0.01, 0.1),
    requestDoubled: rate(0.02, 0.2),
    newsLost: rate(0.05, 0.5, 1),
    newsDoubled: rate(0.1),
    storeBefore: rate(0.005, 0.05),
    storeAfter: rate(0.005, 0.05),
    workerVanishes: rate(0.05, 0.3),
    workerHangs: rate(0.05, 0.3),
    workerSlow: rate(0.1, 0.3),
    workerFails: rate(0.1, 0.5),
    workerBreaksOff: rate(0.05, 0.2),
    followerSlow: rate(0.1, 0.5),
    followerBreaks: rate(0.1, 0.5)
  }
}

export const draw = (seed: string): Options => {
  const dice = makeDice(`${seed} options`)
  return {
    seed,
    servers: dice.pick(1, 1, 2, 3),
    clients: dice.pick(1, 2, 3),
    workers: dice.pick(1, 2, 4, 6),
    streamers: dice.pick(0, 0, 1, 2),
    followers: dice.pick(0, 1, 2),
    feedReaders: dice.pick(0, 0, 1),
    length: dice.pick(...lengths) * minute,
    pace: dice.pick(1_000, 3_000, 8_000),
    networkDelay: dice.pick(0, 5, 200),
    storeDelay: dice.pick(0, 0, 5, 50),
    newsDelay: dice.pick(0, 20, 2_000),
    faults: drawFaults(dice),
    incidents: {
      serverDies: dice.pick(null, null, minute, 4 * minute),
      storeAway: dice.pick(null, null, 2 * minute),
      supervisorActs: dice.pick(null, 5_000, 20_000),
      clockSet: dice.pick(null, null, null, minute)
    },
    without: new Set()
  }
}

/** That nothing goes wrong any more. */
export const noFaults: Faults = {
  requestLost: 0,
  answerLost: 0,
  requestDoubled: 0,
  newsLost: 0,
  newsDoubled: 0,
  storeBefore: 0,
  storeAfter: 0,
  workerVanishes: 0,
  workerHangs: 0,
  workerSlow: 0,
  workerFails: 0,
  workerBreaksOff: 0,
  followerSlow: 0,
  followerBreaks: 0
}
