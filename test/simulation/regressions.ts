/** Seeds of runs that failed once, and what there was to learn. All but one were mistakes of the simulation. */
export const regressions: ReadonlyArray<{ readonly seed: string; readonly what: string }> = [
  { seed: "52", what: "a rate limit that is new counts nothing that began before it" },
  {
    seed: "5736",
    what: "a server that begins to listen reads the rules again, for it may have missed a change"
  },
  { seed: "5819", what: "who began to wait a moment ago need not have been served yet" },
  { seed: "21872", what: "what is left of a quarantine servers count by a clock that is never set" },
  { seed: "22431", what: "a request that comes twice does not come when peace is made" },
  {
    seed: "21793",
    what: "a run during which the clock was set back is no shorter than nothing: it spoilt the record of its worker"
  }
]
