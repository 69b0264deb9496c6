/** Bugs in decisions about many jobs. */
import type { SourceBug } from "./SourceBug.ts"

export const sourceBugsOfBulkActions: ReadonlyArray<SourceBug> = [
  {
    name: "a bulk action that goes on with what is created later",
    why: "jobs are cancelled that nobody had in mind",
    foundBy: ["bulk actions"],
    firstSeed: 50,
    file: "server/memory/MemoryBulkActionRepo.ts",
    edits: [["  DateTime.isLessThanOrEqualTo(job.createdAt, createdAt) &&\n", ""]]
  },
  {
    name: "a bulk action that takes jobs of every type",
    why: "all is cancelled instead of what was broken",
    foundBy: ["bulk actions"],
    firstSeed: 1,
    file: "server/memory/MemoryJobs.ts",
    edits: [["  isAsked(conditions.type, job.group.type) &&\n", ""]]
  },
  {
    name: "a bulk action that does not say how much it has done",
    why: "whoever waits for it sees nothing move",
    foundBy: ["bulk actions"],
    firstSeed: 82,
    file: "server/memory/MemoryBulkActionRepo.ts",
    edits: [["done: kept.done + done,", "done: kept.done,"]]
  },
  {
    name: "a bulk action that says it has done twice as much",
    why: "whoever waits for it takes it for finished when it is half done",
    foundBy: ["bulk actions"],
    firstSeed: 1,
    file: "server/memory/MemoryBulkActionRepo.ts",
    edits: [["done: kept.done + done,", "done: kept.done + 2 * done,"]]
  }
]
