/** Bugs in what supervisors are told by the feed of events. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfFeed: ReadonlyArray<SourceBug> = [
  {
    name: "a feed that goes on one event too late",
    why: "whose connection breaks misses an event and is not told so",
    foundBy: ["readers of the feed go on where they were"],
    firstSeed: 17,
    file: "domain/events/FeedReader.ts",
    edits: [["Number(number) + 1", "Number(number) + 2"]]
  },
  {
    name: "a feed that goes on as if it knew the id of another server",
    why: "whoever reads on at another server misses all in between and is not told so",
    foundBy: ["readers of the feed go on where they were"],
    firstSeed: 14,
    file: "domain/events/FeedReader.ts",
    edits: [["next: next ?? 0,", "next: next ?? source.ring.next(),"]]
  },
  {
    name: "a feed that does not tell of attempts that are lost",
    why: "workers die one after the other, and nobody is told",
    foundBy: ["the feed tells what happens"],
    firstSeed: 20,
    file: "domain/events/eventsOf.ts",
    edits: [['return [{ event: "attempt.lost", ...whose, reason }, ...following]', "return following"]]
  },
  {
    name: "a feed that does not tell of jobs that expire before anybody has them",
    why: "a job that nobody was there for fails, and nobody is told",
    foundBy: ["the feed tells what happens"],
    firstSeed: 21,
    file: "domain/events/eventsOf.ts",
    edits: [
      [
        'if (attempt === null) return [{ event: "job.failed", ...ofJobAlone(job), reason }]',
        "if (attempt === null) return []"
      ]
    ]
  },
  {
    name: "a server that sends its events to the others again and again",
    why: "a supervisor sees a thousand jobs done where there was one",
    foundBy: ["the feed tells what happens"],
    firstSeed: 4,
    file: "domain/events/FeedPeers.ts",
    edits: [["      unsent = []\n", ""]]
  },
  {
    name: "a server that keeps its events to itself",
    why: "a supervisor sees what happens at one server of three",
    foundBy: ["the feed tells what happens"],
    firstSeed: 1,
    file: "domain/events/FeedPeers.ts",
    edits: [["    areReading = true\n", ""]]
  },
  {
    name: "a server that takes other news for the wish to hear of its events, and that wish for none",
    why: "a supervisor at another server misses what happens after a quiet time",
    foundBy: ["the feed tells what happens"],
    firstSeed: 107,
    file: "domain/events/FeedPeers.ts",
    edits: [["if (!news.wantsEvents) return", "if (news.wantsEvents) return"]]
  },
  {
    name: "a feed that tells twice of jobs that are done",
    why: "whoever counts what is done counts twice as much",
    foundBy: ["the feed tells what happens"],
    firstSeed: 4,
    file: "domain/events/eventsOf.ts",
    edits: [
      [
        'return [{ event: "job.done", ...whose }]',
        'return [{ event: "job.done", ...whose }, { event: "job.done", ...whose }]'
      ]
    ]
  },
  {
    name: "an attempt that is told of as begun at each sign of life",
    why: "a supervisor sees a job begin every few seconds",
    foundBy: ["the feed tells what happens"],
    firstSeed: 4,
    file: "server/memory/MemoryAttempts.ts",
    edits: [["started: attempt.firstSignAt === null ? kept : null", "started: kept"]]
  },
  {
    name: "jobs told of as unclaimed that somebody has had",
    why: "a supervisor looks for workers where there are enough",
    foundBy: ["unclaimed jobs"],
    firstSeed: 6,
    file: "server/memory/MemoryDuties.ts",
    edits: [["(job) => job.attempts === 0)", "() => true)"]]
  },
  {
    name: "jobs that nobody claims and nobody is told of",
    why: "a queue for which there is no worker grows in silence",
    foundBy: ["unclaimed jobs"],
    firstSeed: 21,
    file: "server/loops/tellUnclaimedJobs.ts",
    edits: [["if (done.length > 0) {", "if (done.length > 1) {"]]
  },
  {
    name: "a job that expires in the millisecond in which its attempt timed out, told of as one that ran",
    why: "an attempt ends twice for supervisors, and its worker counts as carrying one job less than it does",
    foundBy: ["the feed tells what happens"],
    firstSeed: 10_004_069,
    file: "domain/events/eventsOf.ts",
    edits: [
      ["endedWith = ({ attempt, version }", "endedWith = ({ attempt, finishedAt }"],
      [
        "attempt?.endedVersion === version",
        'attempt?.outcome === "timed-out" && attempt.endedAt?.epochMilliseconds === finishedAt?.epochMilliseconds'
      ]
    ]
  }
]
