/** Bugs of which a duty dies again and again. */
import { Context, Effect } from "effect"
import { WorkerRepo } from "../../../src/domain/workers/WorkerRepo.ts"
import type { Bug } from "./Bug.ts"

export const duties: ReadonlyArray<Bug> = [
  {
    name: "workers that are gone and cannot be noted so",
    why: "they are shown as there for ever, and only the log tells why",
    foundBy: ["no complaints"],
    firstSeed: 1,
    wrapping: (store) =>
      Context.add(store, WorkerRepo, {
        ...Context.get(store, WorkerRepo),
        noticeGone: () => Effect.die(new Error("no such column"))
      })
  }
]
