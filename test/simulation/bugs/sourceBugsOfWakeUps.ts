/** Bugs by which somebody is not woken, and finds only by a backstop that there is something to do. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfWakeUps: ReadonlyArray<SourceBug> = [
  {
    name: "a new job with a delay that no clock is set for",
    why: "what should be done in a second is done in five",
    foundBy: ["no wake-up is lost"],
    firstSeed: 2,
    file: "domain/jobs/dueAfter.ts",
    edits: [
      [
        'if (status !== "scheduled") return null',
        'if (status !== "scheduled" || change === "created") return null'
      ]
    ]
  },
  {
    name: "an amended job that no worker is told of",
    why: "somebody makes a job possible, and nobody does it for seconds",
    foundBy: ["no wake-up is lost"],
    firstSeed: 7,
    file: "domain/jobs/Deciding.ts",
    edits: [
      ['      yield* hub.publish(\n        "amended",\n        amended.map(({ job }) => job)\n      )\n', ""]
    ]
  },
  {
    name: "bulk actions that nobody is told of",
    why: "a thousand jobs are cancelled, and all who follow them wait for half a minute",
    foundBy: ["no wake-up is lost"],
    firstSeed: 1,
    file: "domain/jobs/BulkActions.ts",
    edits: [["if (done.length > 0) {", "if (done.length > largestBatch) {"]]
  },
  {
    name: "a new schedule that the clock is not set by",
    why: "its first jobs are missing, or late",
    foundBy: ["no wake-up is lost"],
    firstSeed: 15,
    file: "domain/schedules/Schedules.ts",
    edits: [['          yield* hub.publishSupervision("schedules")\n', ""]]
  },
  {
    name: "a changed policy that other servers are not told of",
    why: "a type is paused, and its jobs go on being given away",
    foundBy: ["no wake-up is lost"],
    firstSeed: 1,
    file: "domain/policies/SupervisorPolicy.ts",
    edits: [['        yield* hub.publishSupervision("policies")\n', ""]]
  },
  {
    name: "a raised limit that still blocks",
    why: "a supervisor gives way to a queue, and it stands still for seconds",
    foundBy: ["no wake-up is lost"],
    firstSeed: 1,
    file: "domain/dispatching/Dispatcher.ts",
    edits: [["      yield* policies.listen(reachedLimits.clear)\n", ""]]
  },
  {
    name: "room under a limit that wakes nobody",
    why: "jobs that may run one at a time come with seconds between them",
    foundBy: ["no wake-up is lost"],
    firstSeed: 5,
    file: "domain/dispatching/ReachedLimits.ts",
    edits: [
      [
        "if (attempt !== null) blocks.workers.delete(attempt.worker)\n      onRoom(group.type)\n",
        "if (attempt !== null) blocks.workers.delete(attempt.worker)\n"
      ]
    ]
  },
  {
    name: "room under a limit that other servers do not hear of",
    why: "jobs that may run one at a time come with seconds between them, if there are two servers",
    foundBy: ["no wake-up is lost"],
    firstSeed: 107,
    file: "domain/events/EventHub.ts",
    edits: [["            news.freed.forEach((type) => freed.add(type))\n", ""]]
  },
  {
    name: "patience at whose end nobody is woken",
    why: "a job is kept for a better worker for longer than its policy says",
    foundBy: ["no wake-up is lost"],
    firstSeed: 3,
    file: "domain/dispatching/Dispatcher.ts",
    edits: [
      ["        news.hear(group, 1, now)\n        wake.openUnsafe()\n", "        news.hear(group, 1, now)\n"]
    ]
  },
  {
    name: "changes at other servers that wake no follower",
    why: "somebody polls for the end of a job and gets it after fifteen seconds",
    foundBy: ["no wake-up is lost"],
    firstSeed: 7,
    file: "domain/events/EventHub.ts",
    edits: [["            wakeAll(news.jobs)\n", ""]]
  }
]
