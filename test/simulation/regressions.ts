/** Seeds of runs that failed once, and what there was to learn. The three were mistakes of the simulation, not of what it plays. */
export const regressions: ReadonlyArray<{ readonly seed: string; readonly what: string }> = [
  { seed: "52", what: "a rate limit that is new counts nothing that began before it" },
  {
    seed: "5736",
    what: "a server that begins to listen reads the rules again, for it may have missed a change"
  },
  { seed: "5819", what: "who began to wait a moment ago need not have been served yet" }
]
