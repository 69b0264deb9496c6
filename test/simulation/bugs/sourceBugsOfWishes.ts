/** Bugs in how what somebody wished for is carried out. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfWishes: ReadonlyArray<SourceBug> = [
  {
    name: "jobs that never expire by their own wish",
    why: "work is done that nobody wants any more",
    foundBy: ["jobs are as wished"],
    firstSeed: 1,
    file: "domain/jobs/JobInserts.ts",
    edits: [["job.expiresIn ?? policies.of(job.type).expiresIn", "policies.of(job.type).expiresIn"]]
  },
  {
    name: "jobs that never expire by the policy",
    why: "the rule of the supervisor is no rule",
    foundBy: ["jobs are as wished"],
    firstSeed: 17,
    file: "domain/jobs/JobInserts.ts",
    edits: [["job.expiresIn ?? policies.of(job.type).expiresIn", "job.expiresIn ?? null"]]
  },
  {
    name: "a delay that is ignored",
    why: "a reminder comes at once",
    foundBy: ["jobs are as wished"],
    firstSeed: 3,
    file: "domain/jobs/JobInserts.ts",
    edits: [["delay: job.delay ?? null", "delay: null"]]
  },
  {
    name: "an amendment that changes no tags",
    why: "a client is told that a job is changed, and it is not",
    foundBy: ["amendments"],
    firstSeed: 3,
    file: "server/memory/MemoryJobs.ts",
    edits: [["tags: amendment.tags ?? tags", "tags"]]
  },
  {
    name: "an amendment that changes no priority",
    why: "what has become urgent stays where it is in the queue",
    foundBy: ["amendments"],
    firstSeed: 3,
    file: "domain/jobs/Amendment.ts",
    edits: [
      ["({ ...group, priority, constraints })", "({ ...group, priority: group.priority, constraints })"]
    ]
  },
  {
    name: "an amendment that changes no runAt",
    why: "what was put off is done now",
    foundBy: ["amendments"],
    firstSeed: 3,
    file: "server/memory/MemoryJobs.ts",
    edits: [
      [
        "amendment.runAt === undefined ? { status, runAt } : waitingFor(amendment.runAt, now)",
        "{ status, runAt }"
      ]
    ]
  },
  {
    name: "a bulk action that cancels nothing",
    why: "a supervisor who stops a flood of jobs stops none of them",
    foundBy: ["bulk actions"],
    firstSeed: 3,
    file: "domain/jobs/BulkActions.ts",
    edits: [["const cancellations = page.jobs.map(", "const cancellations = page.jobs.slice(0, 0).map("]]
  },
  {
    name: "a bulk action that retries nothing",
    why: "after a repair all that has failed stays as it is",
    foundBy: ["bulk actions"],
    firstSeed: 36,
    file: "domain/jobs/BulkActions.ts",
    edits: [["jobs.retry(page.jobs.map(", "jobs.retry(page.jobs.slice(0, 0).map("]]
  },
  {
    name: "bulk actions that nobody carries out",
    why: "what was promised to a supervisor never happens",
    foundBy: ["bulk actions"],
    firstSeed: 3,
    file: "server/memory/MemoryBulkActionRepo.ts",
    edits: [
      ["action.finishedAt === null ? busyUntil : null", "action.finishedAt === null ? null : busyUntil"]
    ]
  },
  {
    name: "a project that is cancelled without its jobs",
    why: "what its owner has done with goes on",
    foundBy: ["bulk actions"],
    firstSeed: 3,
    file: "server/memory/MemoryProjectRepo.ts",
    edits: [["if (hasUnfinished(state, id)) addBulkAction(state, now, action)\n", "\n"]]
  },
  {
    name: "a project that forgets that it was cancelled",
    why: "nobody can see why its jobs are gone",
    foundBy: ["projects"],
    firstSeed: 3,
    file: "server/memory/MemoryProjects.ts",
    edits: [
      [
        "cancelRequest: kept.record.cancelRequest ?? cancelRequest",
        "cancelRequest: kept.record.cancelRequest"
      ]
    ]
  },
  {
    name: "waits for an end that are always as long as they may be",
    why: "a client that polls for its result has it seconds later",
    foundBy: ["waits for an end"],
    firstSeed: 211,
    file: "domain/Boss.ts",
    edits: [["yield* Effect.timeoutOption(changed, backstop)", "yield* Effect.sleep(backstop)"]]
  },
  {
    name: "a wait that ends with what was so at its beginning",
    why: "a client that polls is told that its job waits, which runs",
    foundBy: ["waits for an end"],
    firstSeed: 129,
    file: "domain/Boss.ts",
    edits: [
      ["Option.isSome(ended) ? ended.value : yield* need(id)", "Option.isSome(ended) ? ended.value : job"]
    ]
  },
  {
    name: "a feed that does not tell of jobs that fail",
    why: "nobody is woken when all goes wrong",
    foundBy: ["the feed tells what happens"],
    firstSeed: 507,
    file: "domain/events/eventsOf.ts",
    edits: [['return [{ event: "job.failed", ...whose, reason }]', "return []"]]
  },
  {
    name: "a feed that does not tell of jobs that are cancelled",
    why: "a supervisor waits for an end that has come",
    foundBy: ["the feed tells what happens"],
    firstSeed: 507,
    file: "domain/events/eventsOf.ts",
    edits: [['return job.status === "cancelled" ? [cancelled(job, null)] : []', "return []"]]
  },
  {
    name: "a concurrency of one place too few",
    why: "a type that may run once does not run at all",
    foundBy: ["nobody waits in vain"],
    firstSeed: 82,
    file: "domain/matching/Limits.ts",
    edits: [["left(concurrency, usage.running) <= taken", "left(concurrency, usage.running) <= taken + 1"]]
  },
  {
    name: "a worker that gets one job too few of a type",
    why: "a worker that may do one job of a type does none",
    foundBy: ["nobody waits in vain"],
    firstSeed: 25,
    file: "domain/matching/Limits.ts",
    edits: [
      [
        "left(perWorker, usage.ofWorkers.get(worker) ?? 0) <= (ofWorkers.get(worker) ?? 0)",
        "left(perWorker, usage.ofWorkers.get(worker) ?? 0) <= (ofWorkers.get(worker) ?? 0) + 1"
      ]
    ]
  },
  {
    name: "a rate limit that never frees",
    why: "a service that may be called three times a second is called three times",
    foundBy: ["nobody waits in vain"],
    firstSeed: 126,
    file: "domain/matching/Limits.ts",
    edits: [
      [
        "begunByNow(rateLimit, begun, now).filter(({ at }) => at > now - length)",
        "begunByNow(rateLimit, begun, now)"
      ]
    ]
  },
  {
    name: "a patience without end",
    why: "a job waits for the best worker, which never comes",
    foundBy: ["nobody waits in vain", "no wake-up is lost"],
    firstSeed: 35,
    file: "domain/matching/Rounds.ts",
    edits: [["waited < better.patience && ", "waited >= 0 && "]]
  },
  {
    name: "a retention that is never over",
    why: "the database grows until the disk is full",
    foundBy: ["nothing acknowledged is lost"],
    firstSeed: 25,
    file: "domain/jobs/Retention.ts",
    edits: [["outdated.push({ ...oldest, age: keptFor })", ""]]
  }
]
