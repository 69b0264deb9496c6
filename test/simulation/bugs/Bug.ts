/** What all bugs in the store have in common that are planted to see that the simulation can fail. */
import { Clock, Context, Effect } from "effect"
import { JobId } from "../../../src/domain/Identifiers.ts"
import { JobRepo } from "../../../src/domain/jobs/JobRepo.ts"
import type { Wrapping } from "../Servers.ts"

/** How it is known that a planted bug is found. */
export interface Planted {
  readonly name: string
  /** What it would do to users. */
  readonly why: string
  /** The checkers that may be the first to see it. */
  readonly foundBy: ReadonlyArray<string>
  /** From which seed on it is looked for: one that shows it soon. */
  readonly firstSeed: number
}

/** A bug that puts something else in the place of a part of the store, as one line of code might. */
export interface Bug extends Planted {
  readonly wrapping: Wrapping
}

type Jobs = JobRepo["Service"]

export const inJobs =
  (change: (repo: Jobs) => Partial<Jobs>): Wrapping =>
  (store) => {
    const repo = Context.get(store, JobRepo)
    return Context.add(store, JobRepo, { ...repo, ...change(repo) })
  }

/** The effect at a time that is so many milliseconds ahead. */
export const ahead = <A>(millis: number, effect: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.clockWith((clock) =>
    Effect.provideService(effect, Clock.Clock, {
      ...clock,
      currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + millis
    })
  )

/** The id of a job that there is none of. */
export const unknownId = (id: JobId): JobId => JobId.make(`${id.slice(0, -6)}000000`)

/** True for one in so many. */
export const oneIn = (many: number) => {
  let count = 0
  return () => ++count % many === 0
}
