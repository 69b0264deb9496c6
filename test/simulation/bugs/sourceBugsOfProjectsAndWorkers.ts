/** Bugs in how projects end and are followed, in what is kept of workers and their attempts, and in what people decide. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfProjectsAndWorkers: ReadonlyArray<SourceBug> = [
  {
    name: "a retry that leaves the project of the job finished",
    why: "a project is said to be over while its jobs run",
    foundBy: ["projects are finished soon"],
    firstSeed: 25,
    file: "server/memory/MemoryJobs.ts",
    edits: [["  reopen(state, history.job)\n", ""]]
  },
  {
    name: "projects that are finished at once only if their last job is done",
    why: "whoever waits for a project of which a job fails waits for a quarter of a minute more",
    foundBy: ["projects are finished soon"],
    firstSeed: 41,
    file: "domain/projects/Projects.ts",
    edits: [
      [
        "if (project !== null && isFinished(status) && candidates",
        'if (project !== null && status === "done" && candidates'
      ]
    ]
  },
  {
    name: "a finished project without counts",
    why: "nobody learns how many jobs of a project have failed",
    foundBy: ["projects are finished soon"],
    firstSeed: 3,
    file: "server/memory/MemoryProjects.ts",
    edits: [["finished: { counts: counted.counts, keptUntil }", "finished: { counts: noJobs, keptUntil }"]]
  },
  {
    name: "a project that is created closed and is open",
    why: "a project that should end with its jobs never does",
    foundBy: ["projects are finished soon"],
    firstSeed: 3,
    file: "domain/projects/Projects.ts",
    edits: [["isClosed: closed, createdBy", "isClosed: false, createdBy"]]
  },
  {
    name: "followers of a project that are not woken by its jobs",
    why: "a bar stands still for a quarter of a minute, and then jumps",
    foundBy: ["followers of projects"],
    firstSeed: 24,
    file: "domain/events/EventHub.ts",
    edits: [["            wakeAll(ids)\n            wakeAll(projects)\n", "            wakeAll(ids)\n"]]
  },
  {
    name: "losses that never lead to a quarantine",
    why: "a machine that loses everything gets one job after another",
    foundBy: ["quarantines"],
    firstSeed: 20,
    file: "domain/attempts/Outcomes.ts",
    edits: [["if (ended !== null) yield*", 'if (ended !== null && report._tag === "Failed") yield*']]
  },
  {
    name: "a quarantine for failures of all time",
    why: "a worker that fails once a month gets no jobs for it",
    foundBy: ["quarantines"],
    firstSeed: 11,
    file: "server/memory/MemoryWorkerRepo.ts",
    edits: [["if (recent.length < quarantine.failures)", "if (failures.length < quarantine.failures)"]]
  },
  {
    name: "a ban that leaves to a worker what it holds",
    why: "a worker that was banned for what it does goes on doing it",
    foundBy: ["bans"],
    firstSeed: 198,
    file: "domain/workers/Bans.ts",
    edits: [["if (held.length === 0) return\n", "if (held.length >= 0) return\n"]]
  },
  {
    name: "work that is forgotten when it cannot be written down",
    why: "after an outage of the database records are wrong for good",
    foundBy: ["records of workers"],
    firstSeed: 35,
    file: "domain/workers/WorkerActivity.ts",
    edits: [
      [
        "Effect.onError(repo.credit(work), () => Effect.sync(() => work.forEach(putBack)))",
        "repo.credit(work)"
      ]
    ]
  },
  {
    name: "workers that count as gone while they work",
    why: "a supervisor looks for a worker that is busy",
    foundBy: ["records of workers"],
    firstSeed: 49,
    file: "server/memory/MemoryWorkerRepo.ts",
    edits: [["({ isPresent, name }) => isPresent && !busy.has(name)", "({ isPresent }) => isPresent"]]
  },
  {
    name: "jobs that go back to whoever has failed them",
    why: "a job is tried again and again where it cannot be done",
    foundBy: ["the best worker gets it"],
    firstSeed: 6,
    file: "domain/matching/Score.ts",
    edits: [["- (hasFailedIt ? 0.3 : 0)", ""]]
  },
  {
    name: "a load that only grows",
    why: "whoever has done much gets nothing more",
    foundBy: ["the best worker gets it"],
    firstSeed: 52,
    file: "domain/workers/WorkerRecords.ts",
    edits: [["            count(job.attempt, -1)\n", ""]]
  },
  {
    name: "deleted jobs that are still counted",
    why: "a dashboard shows a million jobs, and there are ten",
    foundBy: ["counts"],
    firstSeed: 25,
    file: "server/memory/MemoryState.ts",
    edits: [
      [
        "  leave(state, job)\n  countFlow(state, { type: job.group.type, before: job.status, after: null })",
        "  leave(state, job)"
      ]
    ]
  },
  {
    name: "a checkpoint that the next attempt is not given",
    why: "a job of a day begins anew when its worker dies in the evening",
    foundBy: ["progress is kept"],
    firstSeed: 3,
    file: "server/memory/MemoryAttempts.ts",
    edits: [["checkpoint: job.attempt?.checkpoint ?? null", "checkpoint: null"]]
  },
  {
    name: "a percent that is lost with the next line of the log",
    why: "a bar falls back to nothing whenever something is said",
    foundBy: ["progress is kept"],
    firstSeed: 1,
    file: "server/memory/MemoryAttempts.ts",
    edits: [["percent: percent ?? attempt.percent", "percent"]]
  },
  {
    name: "a retry that gives no fresh attempts",
    why: "a job that was given up is given up again at its first failure",
    foundBy: ["what people decide"],
    firstSeed: 25,
    file: "server/memory/MemoryJobs.ts",
    edits: [
      [
        "    failures: 0,\n    losses: 0,\n    reason: null,\n    cancelRequest: null\n  })\n}\n\nexport const amend",
        "    reason: null,\n    cancelRequest: null\n  })\n}\n\nexport const amend"
      ]
    ]
  },
  {
    name: "an expiry that runs from when the job is due",
    why: "a job that was of use for an hour is done tomorrow",
    foundBy: ["what people decide"],
    firstSeed: 3,
    file: "server/memory/MemoryJobs.ts",
    edits: [
      [
        "expiresAt: job.expiresIn === null ? null : DateTime.addDuration(now, job.expiresIn),",
        "expiresAt: job.expiresIn === null ? null : DateTime.addDuration(waiting.runAt, job.expiresIn),"
      ]
    ]
  },
  {
    name: "a second cancellation that gives more time",
    why: "whoever insists that a job stops keeps it alive",
    foundBy: ["what people decide"],
    firstSeed: 24,
    file: "server/memory/MemoryJobs.ts",
    edits: [["job.attempt.cancelAt ?? DateTime.addDuration(now, grace)", "DateTime.addDuration(now, grace)"]]
  }
]
