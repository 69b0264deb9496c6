/** Runs that failed once, and what there was to learn. All but one were mistakes of the simulation. */
import { draw, type Options } from "./Options.ts"

interface Regression {
  readonly seed: string
  /** How long there were faults, whatever is drawn from the seed today. */
  readonly minutes: number
  readonly what: string
}

/** What the run was like. */
export const optionsOf = ({ minutes, seed }: Regression): Options => ({
  ...draw(seed),
  length: minutes * 60_000
})

export const regressions: ReadonlyArray<Regression> = [
  { seed: "52", minutes: 0.3, what: "a rate limit that is new counts nothing that began before it" },
  {
    seed: "5736",
    minutes: 0.5,
    what: "a server that begins to listen reads the rules again, for it may have missed a change"
  },
  { seed: "5819", minutes: 1, what: "who began to wait a moment ago need not have been served yet" },
  {
    seed: "21872",
    minutes: 4,
    what: "what is left of a quarantine servers count by a clock that is never set"
  },
  { seed: "22431", minutes: 4, what: "a request that comes twice does not come when peace is made" },
  {
    seed: "21793",
    minutes: 4,
    what: "a run during which the clock was set back is no shorter than nothing: it spoilt the record of its worker"
  },
  {
    seed: "1002946",
    minutes: 1,
    what: "what began is in the way of a rate limit for no longer for the clock having been set back since"
  },
  {
    seed: "2007852",
    minutes: 1,
    what: "what is due ahead, for the clock was set back, has waited for nothing"
  },
  {
    seed: "2021917",
    minutes: 4,
    what: "a schedule that is changed after the clock was set back ticks before it was created"
  }
]
