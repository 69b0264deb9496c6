/** The records of the store, watched where they are kept, beneath everything that may fail: each change of them is heard of. */
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import type { BulkActionId, JobId, ProjectId } from "../../../src/domain/Identifiers.ts"
import type { JobRecord } from "../../../src/domain/jobs/Job.ts"
import type { JobHistory } from "../../../src/domain/jobs/Timeline.ts"
import type { StoredPolicy } from "../../../src/domain/policies/PolicyRepo.ts"
import * as MemoryState from "../../../src/server/memory/MemoryState.ts"

/** A change of a job in the store. */
export interface Change {
  readonly id: JobId
  readonly before: JobHistory | null
  readonly after: JobHistory | null
}

/** A job with the live attempt that it was given to. */
export type GivenJob = JobRecord & { readonly attempt: AttemptRecord }

/** The job that this change gave to a worker; null if it gave none. */
export const givenBy = ({ after, before }: Change): GivenJob | null => {
  if (after?.job.status !== "processing" || before?.job.status === "processing") return null
  const { attempt } = after.job
  return attempt === null ? null : { ...after.job, attempt }
}

type Kept<Parts extends "projects" | "schedules" | "bulkActions"> =
  MemoryState.MemoryState[Parts] extends Map<infer _, infer Value> ? Value : never
export type KeptProject = Kept<"projects">
export type KeptSchedule = Kept<"schedules">
export type KeptBulkAction = Kept<"bulkActions">

/** Hears of what changes in the store. */
export interface Watcher {
  readonly jobChanged: (change: Change) => void
  readonly projectChanged: (id: ProjectId, before: KeptProject | null, after: KeptProject | null) => void
  readonly scheduleChanged: (name: string, before: KeptSchedule | null, after: KeptSchedule | null) => void
  readonly bulkActionChanged: (
    id: BulkActionId,
    before: KeptBulkAction | null,
    after: KeptBulkAction | null
  ) => void
  readonly workerChanged: (
    before: MemoryState.KnownWorker | null,
    after: MemoryState.KnownWorker | null
  ) => void
}

class WatchedMap<Key, Value> extends Map<Key, Value> {
  readonly #changed: (key: Key, before: Value | null, after: Value | null) => void

  constructor(changed: (key: Key, before: Value | null, after: Value | null) => void) {
    super()
    this.#changed = changed
  }

  override set(key: Key, value: Value): this {
    const before = this.get(key) ?? null
    super.set(key, value)
    this.#changed(key, before, value)
    return this
  }

  override delete(key: Key): boolean {
    const before = this.get(key) ?? null
    const wasThere = super.delete(key)
    if (wasThere) this.#changed(key, before, null)
    return wasThere
  }
}

/** An empty store. The watcher hears of what changes, except of policies: of those `policyChanged` does. */
export const watchedState = (watcher: Watcher, policyChanged: () => void): MemoryState.MemoryState => ({
  ...MemoryState.make(),
  histories: new WatchedMap<JobId, JobHistory>((id, before, after) => {
    watcher.jobChanged({ id, before, after })
  }),
  projects: new WatchedMap<ProjectId, KeptProject>(watcher.projectChanged),
  schedules: new WatchedMap<string, KeptSchedule>(watcher.scheduleChanged),
  bulkActions: new WatchedMap<BulkActionId, KeptBulkAction>(watcher.bulkActionChanged),
  policies: new WatchedMap<string, StoredPolicy>(policyChanged),
  workers: new WatchedMap<string, MemoryState.KnownWorker>((_, before, after) => {
    watcher.workerChanged(before, after)
  })
})
