/** Bugs in the services and decisions of the domain. */
import type { SourceBug } from "./SourceBug.ts"
import { sourceBugsOfAccess } from "./sourceBugsOfAccess.ts"
import { sourceBugsOfBulkActions } from "./sourceBugsOfBulkActions.ts"
import { sourceBugsOfDelivery } from "./sourceBugsOfDelivery.ts"
import { sourceBugsOfFeed } from "./sourceBugsOfFeed.ts"
import { sourceBugsOfProjectsAndWorkers } from "./sourceBugsOfProjectsAndWorkers.ts"
import { sourceBugsOfReports } from "./sourceBugsOfReports.ts"
import { sourceBugsOfWakeUps } from "./sourceBugsOfWakeUps.ts"
import { sourceBugsOfWishes } from "./sourceBugsOfWishes.ts"

export const sourceBugs: ReadonlyArray<SourceBug> = [
  {
    name: "heartbeats that do not extend the lease",
    why: "a worker that is alive and says so loses its job",
    foundBy: ["signs of life count"],
    firstSeed: 1,
    file: "domain/attempts/LeaseManager.ts",
    edits: [
      [
        "renew: (job, attempt, worker) => renew({ job, attempt, worker }),",
        "renew: (job, attempt) => repo.findAttempt(job, attempt),"
      ]
    ]
  },
  {
    name: "reports of attempts that are over taken for those of the one that lives",
    why: "a worker that was taken for dead ends what its successor does",
    foundBy: ["the fence holds"],
    firstSeed: 6,
    file: "domain/attempts/Reporting.ts",
    edits: [["if (attempt.endedAt === null) {", 'if (job.status === "processing") {']]
  },
  {
    name: "a backoff that does not grow",
    why: "a service that is down for an hour is asked every few seconds",
    foundBy: ["backoff"],
    firstSeed: 6,
    file: "domain/policies/Policy.ts",
    edits: [["initial * backoff.factor ** steps", "initial"]]
  },
  {
    name: "one attempt more than maxAttempts",
    why: "what may be tried once is done twice",
    foundBy: ["budgets"],
    firstSeed: 11,
    file: "domain/attempts/Lifecycle.ts",
    edits: [["job.failures + 1 >= maxAttempts", "job.failures >= maxAttempts"]]
  },
  {
    name: "a cancelGrace that nobody gets",
    why: "a worker is told to stop and has no time to clean up",
    foundBy: ["clocks are set by the rules"],
    firstSeed: 11,
    file: "domain/jobs/Deciding.ts",
    edits: [
      [
        'import { Array as Arr, Effect } from "effect"',
        'import { Array as Arr, Duration, Effect } from "effect"'
      ],
      ["grace: policy.cancelGrace,", "grace: Duration.zero,"]
    ]
  },
  {
    name: "a quarantine that never ends",
    why: "a worker that had a bad minute is idle for good",
    foundBy: ["nobody waits in vain"],
    firstSeed: 156,
    file: "domain/workers/Restrictions.ts",
    edits: [
      ["typesOf.get(worker)?.delete(type)", ""],
      [
        "restrictions = new Map(\n          all.map(",
        "restrictions = new Map([...before, ...\n          all.map("
      ],
      [
        "          ])\n        )\n        forgetDeadlines",
        "          ])]\n        )\n        forgetDeadlines"
      ]
    ]
  },
  {
    name: "fairness keys that do not go round",
    why: "a tenant with ten jobs waits behind another's million",
    foundBy: ["the order of jobs"],
    firstSeed: 78,
    file: "domain/dispatching/Turns.ts",
    edits: [["of: (key) => turns.get(key) ?? 0,", "of: () => 0,"]]
  },
  {
    name: "priorities that are worth nothing",
    why: "what is urgent waits for what is not",
    foundBy: ["the order of jobs"],
    firstSeed: 4,
    file: "domain/matching/Ageing.ts",
    edits: [["priority * headStartMillis", "0"]]
  },
  {
    name: "the worst worker first",
    why: "jobs go to those who suit them least",
    foundBy: ["the best worker gets it"],
    firstSeed: 1,
    file: "domain/matching/Ranking.ts",
    edits: [["right.score - left.score", "left.score - right.score"]]
  },
  {
    name: "new work that nobody is told of",
    why: "a job waits for seconds though a worker waits for it",
    foundBy: ["no wake-up is lost"],
    firstSeed: 2,
    file: "domain/events/EventHub.ts",
    edits: [["if (pending.length > 0) workCame.openUnsafe()", ""]]
  },
  {
    name: "a stream of claims that does not count",
    why: "a worker that can do five jobs is given five hundred",
    foundBy: ["streams of claims"],
    firstSeed: 1,
    file: "domain/dispatching/Claiming.ts",
    edits: [["credit -= 1", ""]]
  },
  {
    name: "a cancellation that a worker on a stream is not told of",
    why: "a worker goes on with what nobody wants",
    foundBy: ["streams of claims"],
    firstSeed: 24,
    file: "domain/dispatching/Claiming.ts",
    edits: [["if (attempt.cancelAt !== null && !isCancelTold) {", "if (attempt.cancelAt === null) {"]]
  },
  {
    name: "a progress stream that does not end with its attempt",
    why: "a worker goes on for hours with what is not its own any more",
    foundBy: ["conversations"],
    firstSeed: 86,
    file: "domain/attempts/ProgressExchange.ts",
    edits: [["yield* Effect.raceFirst(converse, watch)", "yield* converse"]]
  },
  {
    name: "a schedule that does not skip",
    why: "a backup begins while the one before is still running",
    foundBy: ["one job for each tick"],
    firstSeed: 145,
    file: "domain/schedules/Firing.ts",
    edits: [["hasUnfinished ? [] : ticks.slice(0, 1)", "ticks.slice(0, 1)"]]
  },
  {
    name: "missed ticks that are all caught up",
    why: "after a night without a server it all happens at once",
    foundBy: ["one job for each tick"],
    firstSeed: 1039,
    file: "domain/schedules/Firing.ts",
    edits: [['rules.catchUp === "all" || DateTime.isGreaterThanOrEqualTo(tick, punctual)', "true"]]
  },
  {
    name: "a watcher of a job that is not forgotten",
    why: "each poll and each stream costs a little memory, until there is none left",
    foundBy: ["nothing leaks"],
    firstSeed: 1,
    file: "domain/events/EventHub.ts",
    edits: [["all?.delete(watcher)", ""]]
  },
  {
    name: "duties that go on when their server has stopped",
    why: "a process that should be over does not end, and does twice what its successor does",
    foundBy: ["nothing leaks"],
    firstSeed: 1,
    file: "server/Application.ts",
    edits: [["(duty) => Effect.forkScoped(duty)", "(duty) => Effect.forkDetach(duty)"]]
  },
  {
    name: "an expiry that leaves the attempt alive",
    why: "a worker goes on with a job that is over, and its report counts",
    foundBy: ["at most one live attempt"],
    firstSeed: 1,
    file: "server/memory/MemoryDuties.ts",
    edits: [['{ ...attempt, endedAt: now, outcome: "timed-out", endedVersion: version }', "attempt"]]
  },
  {
    name: "a retry of what is done",
    why: "a mail is sent again that was sent",
    foundBy: ["legal transitions"],
    firstSeed: 2,
    file: "server/memory/MemoryJobs.ts",
    edits: [
      [
        'if (status !== "failed" && status !== "cancelled") return null',
        "if (finishedAt === null) return null"
      ]
    ]
  },
  {
    name: "a feed that does not tell of jobs that are done",
    why: "a supervisor waits for an end that has come",
    foundBy: ["the feed tells what happens"],
    firstSeed: 93,
    file: "domain/events/eventsOf.ts",
    edits: [['return [{ event: "job.done", ...whose }]', "return []"]]
  },
  {
    name: "a stream of claims on which nothing comes after the first jobs",
    why: "a worker that keeps its connection open is idle for the rest of its life",
    foundBy: ["nobody waits in vain"],
    firstSeed: 9_000_005,
    file: "domain/dispatching/Claiming.ts",
    edits: [["credit += 1", ""]]
  },
  {
    name: "progress that is no sign of life",
    why: "a worker that streams its log loses its job, because it gives no heartbeats",
    foundBy: ["signs of life count"],
    firstSeed: 1,
    file: "server/memory/MemoryAttempts.ts",
    edits: [
      [
        "leaseExpiresAt: DateTime.addDuration(now, attempt.lease),",
        "leaseExpiresAt: job.attempt?.mark === attempt.mark ? DateTime.addDuration(now, attempt.lease) : attempt.leaseExpiresAt,"
      ]
    ]
  },
  {
    name: "a caller who has hung up and goes on waiting",
    why: "jobs are given to nobody, and wait for their leases to run out",
    foundBy: ["nothing leaks", "undelivered jobs go back"],
    firstSeed: 1,
    file: "domain/dispatching/Dispatcher.ts",
    edits: [["                vacancies.leave(waiting)\n", ""]]
  },
  {
    name: "a reader of the feed who has gone and counts as there",
    why: "snapshots are taken for nobody, each second",
    foundBy: ["nothing leaks"],
    firstSeed: 1,
    file: "domain/events/EventFeed.ts",
    edits: [["readers -= 1", ""]]
  },
  {
    name: "progress that followers find only when they look by themselves",
    why: "a bar stands still for half a minute, and then jumps",
    foundBy: ["followers are told soon"],
    firstSeed: 27,
    file: "domain/attempts/LeaseManager.ts",
    edits: [["return told.length === 0 ? Effect.void :", "return told.length >= 0 ? Effect.void :"]]
  },
  {
    name: "a schedule that forgets its last tick when it is put anew",
    why: "nobody can see whether it has fired",
    foundBy: ["one job for each tick"],
    firstSeed: 17,
    file: "server/memory/MemoryScheduleRepo.ts",
    edits: [["lastTick: before?.lastTick ?? null,", "lastTick: null,"]]
  },
  {
    name: "a schedule that replaces nothing",
    why: "jobs of which only the newest counts pile up",
    foundBy: ["one job for each tick"],
    firstSeed: 31,
    file: "domain/schedules/Schedules.ts",
    edits: [['(schedule.rules.overlap === "replace" ? unfinished : [])', "unfinished.slice(0, 0)"]]
  },
  ...sourceBugsOfAccess,
  ...sourceBugsOfBulkActions,
  ...sourceBugsOfDelivery,
  ...sourceBugsOfFeed,
  ...sourceBugsOfProjectsAndWorkers,
  ...sourceBugsOfReports,
  ...sourceBugsOfWakeUps,
  ...sourceBugsOfWishes
]
