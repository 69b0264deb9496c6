/** Bugs in what becomes of jobs that reach nobody, in who may say what of an attempt, and in decisions that cross one another. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfDelivery: ReadonlyArray<SourceBug> = [
  {
    name: "jobs that a stream had no time to send, and that are kept",
    why: "a worker that closes its stream has jobs that it never saw, until their leases run out",
    foundBy: ["undelivered jobs go back"],
    firstSeed: 26,
    file: "domain/dispatching/Claiming.ts",
    edits: [[".pipe(Stream.ensuring(Effect.suspend(() => dispatcher.giveBack([...unsent]))))", ""]]
  },
  {
    name: "jobs for a worker that is paused meanwhile, which nobody gets",
    why: "whoever pauses a worker waits a lease long for what it was about to do",
    foundBy: ["undelivered jobs go back"],
    firstSeed: 58,
    file: "domain/dispatching/Serving.ts",
    edits: [['    yield* giveBack(keptFrom, "keptFrom")\n', ""]]
  },
  {
    name: "jobs for a worker that has hung up, which nobody gets",
    why: "a worker that is stopped takes jobs with it that it was never told of",
    foundBy: ["undelivered jobs go back"],
    firstSeed: 106,
    file: "domain/dispatching/Serving.ts",
    edits: [['    yield* giveBack(callerGone, "callerGone")\n', ""]]
  },
  {
    name: "a job that reaches nobody, and is kept if somebody cancels it meanwhile",
    why: "what nobody does and nobody wants is shown as being done, for as long as the grace",
    foundBy: ["undelivered jobs go back"],
    firstSeed: 249,
    file: "domain/attempts/Outcomes.ts",
    edits: [['current?.status === "processing"', 'current?.status === "pending"']]
  },
  {
    name: "reports that are taken from anybody",
    why: "a worker with a mistake in its names ends what others do",
    foundBy: ["strangers are refused"],
    firstSeed: 3,
    file: "domain/attempts/Reporting.ts",
    edits: [["if (attempt.worker !== holding.worker) {", "if (attempt.worker === '') {"]]
  },
  {
    name: "results that are taken from anybody",
    why: "the quick way for results has a door of its own",
    foundBy: ["strangers are refused"],
    firstSeed: 13,
    file: "server/memory/MemoryAttempts.ts",
    edits: [["  if (ending.worker !== null && ending.worker !== attempt.worker) return null\n", ""]]
  },
  {
    name: "another error that is taken for a repetition",
    why: "a worker believes that what it said last is kept, and what it said first is",
    foundBy: ["no outcome twice"],
    firstSeed: 11,
    file: "domain/attempts/Reporting.ts",
    edits: [
      [
        'attempt.outcome === "failed" && canonicalJson(attempt.error) === canonicalJson(report.error)',
        'attempt.outcome === "failed"'
      ]
    ]
  },
  {
    name: "a cancellation that comes between the decision on a failure and its end",
    why: "a job that was cancelled is tried again",
    foundBy: ["budgets"],
    firstSeed: 6,
    file: "server/memory/MemoryAttempts.ts",
    edits: [
      [
        "  if (ending.cancelling !== null && ending.cancelling !== (attempt.cancelAt !== null)) return null\n",
        ""
      ]
    ]
  },
  {
    name: "a job that is given another time while it is being done",
    why: "it waits and is done at the same time, and then is done twice",
    foundBy: ["at most one live attempt"],
    firstSeed: 8,
    file: "server/memory/MemoryJobs.ts",
    edits: [[' || (status === "processing" && amendment.runAt !== undefined)', ""]]
  },
  {
    name: "a rewind to one event too far",
    why: "a worker goes on behind a line of its log that was never stored",
    foundBy: ["progress once and in order"],
    firstSeed: 2,
    file: "domain/attempts/Progress.ts",
    edits: [["mark: next - 1 }", "mark: next }"]]
  },
  {
    name: "leases that are told when they hardly grow, and not when they do",
    why: "a worker that relies on what it was told believes its lease to be over",
    foundBy: ["workers know their leases"],
    firstSeed: 1,
    file: "domain/attempts/ProgressExchange.ts",
    edits: [["if (Duration.isGreaterThan(gained", "if (Duration.isLessThan(gained"]]
  },
  {
    name: "leases that are told at every step",
    why: "a worker hears of its lease more often than of its progress",
    foundBy: ["workers know their leases"],
    firstSeed: 1,
    file: "domain/attempts/ProgressExchange.ts",
    edits: [["Duration.divideUnsafe(attempt.lease, 3)", "Duration.divideUnsafe(attempt.lease, 30)"]]
  },
  {
    name: "a sign of life after which the clock of the pickup goes on",
    why: "a worker loses its job after a few seconds, whatever it says",
    foundBy: ["signs of life count"],
    firstSeed: 17,
    file: "server/memory/MemoryAttempts.ts",
    edits: [
      ["    pickupBy: null,\n    firstSignAt: attempt.firstSignAt", "    firstSignAt: attempt.firstSignAt"]
    ]
  }
]
