/** What a run is like: all of it is drawn from the seed, so that the seed says everything. */
import { Array as Arr, Schema } from "effect"
import { namesOf } from "./Cast.ts"
import { type Dice, makeDice } from "../support/Dice.ts"

const within = (minimum: number, maximum: number) =>
  Schema.isBetween({ minimum, maximum }, { message: `must be ${minimum} to ${maximum}` })

const Rate = Schema.Finite.check(within(0, 1))

/** How often something goes wrong, each from 0 to 1. */
const Faults = Schema.Struct({
  requestLost: Rate,
  answerLost: Rate,
  requestDoubled: Rate,
  /** Of the news that servers tell one another. */
  newsLost: Rate,
  newsDoubled: Rate,
  /** A call of the store fails before or after it took effect. */
  storeBefore: Rate,
  storeAfter: Rate,
  /** A worker goes on without a word, is silent for long and reports all the same, or needs longer than it may. */
  workerVanishes: Rate,
  workerHangs: Rate,
  workerSlow: Rate,
  /** A worker says that it failed. */
  workerFails: Rate,
  /** A worker breaks off its stream of claims, or its progress. */
  workerBreaksOff: Rate,
  /** A follower lets its stream wait, or breaks it off. */
  followerSlow: Rate,
  followerBreaks: Rate
})
export type Faults = typeof Faults.Type

/** More of one kind would only make a run slow. */
const mostOfAKind = 100
const Count = Schema.Int.check(within(0, mostOfAKind))

/** More than checkers allow for is no delay, but a loss. */
const longestDelay = 2_000
/** A day. */
const longestTime = 86_400_000

/** In milliseconds. */
const Delay = Schema.Finite.check(within(0, longestDelay))
const Time = Schema.Finite.check(
  Schema.isGreaterThan(0, { message: "must be more than 0" }),
  Schema.isLessThanOrEqualTo(longestTime, { message: `must be at most ${longestTime}` })
)

/** Mean times between what happens now and then; null for never. */
const Incidents = Schema.Struct({
  serverDies: Schema.NullOr(Time),
  storeAway: Schema.NullOr(Time),
  supervisorActs: Schema.NullOr(Time),
  clockSet: Schema.NullOr(Time)
})

/** What a run is drawn from. */
export const Seed = Schema.String.check(Schema.isNonEmpty({ message: "must not be empty" }))

const AnyOptions = Schema.Struct({
  seed: Seed,
  servers: Schema.Int.check(within(1, mostOfAKind)),
  clients: Count,
  workers: Count,
  /** Workers that keep a stream of claims open. */
  streamers: Count,
  followers: Count,
  feedReaders: Count,
  /** How long there are faults and new jobs. */
  length: Time,
  /** The mean time between what a client creates. */
  pace: Time,
  /** The longest delay of a message or of a call of the store. */
  networkDelay: Delay,
  storeDelay: Delay,
  newsDelay: Delay,
  faults: Faults,
  incidents: Incidents,
  /** Actors that do not take part, by name: for reducing a run that failed. */
  without: Schema.ReadonlySet(Schema.String)
})
export type Options = typeof AnyOptions.Type

const nobodyUnknown = Schema.makeFilter((options: Options) => {
  const known = new Set(namesOf(options))
  const unknown = [...options.without].filter((name) => !known.has(name))
  return unknown.map((name) => ({ path: ["without"], issue: `nobody in this run is called "${name}"` }))
})

const Options = AnyOptions.check(nobodyUnknown)

/** Options as they are shown, and given again to play the same run. */
export const OptionsText = Schema.fromJsonString(Schema.toCodecJson(Options))

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
    feedReaders: dice.pick(0, 1, 1),
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
