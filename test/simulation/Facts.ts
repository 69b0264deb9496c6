/**
 * What is true of a run, for those who check it: what the store holds and held, what was in force when, and when there was
 * trouble. It is seen where the store keeps its records, beneath everything that may fail.
 */
import { Duration, Equal } from "effect"
import type { AttemptRecord } from "../../src/domain/attempts/Attempt.ts"
import type { BulkActionId, JobId, ProjectId } from "../../src/domain/Identifiers.ts"
import { defaultPolicy, type Policy } from "../../src/domain/policies/Policy.ts"
import { applyOverrides, defaultType } from "../../src/domain/policies/PolicyOverrides.ts"
import type { StoredPolicy } from "../../src/domain/policies/PolicyRepo.ts"
import type { JobRecord } from "../../src/domain/jobs/Job.ts"
import type { JobHistory } from "../../src/domain/jobs/Timeline.ts"
import { retryDelay } from "../../src/domain/retryForever.ts"
import * as MemoryState from "../../src/server/memory/MemoryState.ts"
import type { Loop } from "./Loop.ts"
import type { Options } from "./Options.ts"
import { Readings } from "./Readings.ts"

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

/** Hears of all that changes in the store. */
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

/** Something that was so from a time on, by the clock that is never set. */
interface Since<A> {
  readonly at: number
  readonly value: A
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

/** How long a word takes at most from the store to whoever waits for it, in milliseconds. */
export const way = 100

/** How long a call of a store that fails now and then may be tried in vain. */
const longestFailing = 12 * Duration.toMillis(retryDelay)

export class Facts {
  readonly now: () => number
  /** The milliseconds that have gone by, whatever the clock was set to. */
  readonly elapsed: () => number
  readonly options: Options
  readonly state: MemoryState.MemoryState
  /** What servers have read of the policies, and of what workers are kept from. */
  readonly policiesRead: Readings
  readonly restrictionsRead: Readings
  #setAt = -Infinity
  readonly #policies = new Map<string, Array<Since<Policy>>>()
  readonly #workers = new Map<string, Array<Since<MemoryState.KnownWorker>>>()
  #troubles = 0
  #calmSince: number
  #latest: number

  constructor(options: Options, time: Pick<Loop, "now" | "elapsed">, watcher: Watcher) {
    this.now = time.now
    this.elapsed = time.elapsed
    this.options = options
    this.policiesRead = new Readings(time.elapsed)
    this.restrictionsRead = new Readings(time.elapsed)
    this.#calmSince = this.now()
    this.#latest = this.now()
    this.state = {
      ...MemoryState.make(),
      histories: new WatchedMap<JobId, JobHistory>((id, before, after) => {
        watcher.jobChanged({ id, before, after })
      }),
      projects: new WatchedMap<ProjectId, KeptProject>(watcher.projectChanged),
      schedules: new WatchedMap<string, KeptSchedule>(watcher.scheduleChanged),
      bulkActions: new WatchedMap<BulkActionId, KeptBulkAction>(watcher.bulkActionChanged),
      policies: new WatchedMap<string, StoredPolicy>(() => this.#policyChanged()),
      workers: new WatchedMap<string, MemoryState.KnownWorker>((name, before, after) => {
        if (after !== null) this.#note(this.#workers, name, after)
        watcher.workerChanged(before, after)
      })
    }
  }

  #note<A>(all: Map<string, Array<Since<A>>>, name: string, value: A): void {
    const known = all.get(name)
    if (known === undefined) all.set(name, [{ at: this.elapsed(), value }])
    else known.push({ at: this.elapsed(), value })
  }

  #policyChanged(): void {
    const own = (type: string) => this.state.policies.get(type)?.own ?? {}
    const base = applyOverrides(defaultPolicy, own(defaultType))
    const types = new Set([...this.#policies.keys(), ...this.state.policies.keys()])
    types.add(defaultType)
    for (const type of types) {
      const policy = type === defaultType ? base : applyOverrides(base, own(type))
      // A change of another type's policy leaves this one in force since it was.
      if (!Equal.equals(this.#policies.get(type)?.at(-1)?.value, policy))
        this.#note(this.#policies, type, policy)
    }
  }

  /** Of what was so at some time from `since` to now. */
  #recent<A>(all: ReadonlyArray<Since<A>>, since: number): ReadonlyArray<A> {
    const first = all.findLastIndex(({ at }) => at < since)
    return all.slice(Math.max(0, first)).map(({ value }) => value)
  }

  /** How long what a server has decided may be on its way to the store, with all that the store is asked before. */
  get calls(): number {
    return 20 * this.options.storeDelay
  }

  /** How long a server may not have heard of what happened to a job at another, if it looks by itself once in so many milliseconds. */
  lag(backstop: number): number {
    const { faults, incidents, newsDelay, servers } = this.options
    const isTroubled = faults.storeBefore + faults.storeAfter > 0 || incidents.storeAway !== null
    if (isTroubled) return backstop + longestFailing + this.calls
    return servers === 1 ? this.calls : (faults.newsLost > 0 ? backstop : newsDelay) + this.calls
  }

  /** The policies of the type that a server may be going by now, or may have gone by so many milliseconds before. */
  policiesOf(type: string, before = 0): ReadonlyArray<Policy> {
    const since = this.policiesRead.earliestSince(this.elapsed() - this.calls - before)
    const own = this.#policies.get(type)
    const ofAll = this.#recent(this.#policies.get(defaultType) ?? [], since)
    const inherited = ofAll.length === 0 ? [defaultPolicy] : ofAll
    if (own === undefined) return this.#firstPolicyAt() >= since ? [defaultPolicy, ...inherited] : inherited
    const recent = this.#recent(own, since)
    // Before the type had a policy of its own it had that of all others.
    return (own[0]?.at ?? 0) >= since ? [defaultPolicy, ...inherited, ...recent] : recent
  }

  /** Since when every server has gone by the policy of the type that is in force now, by what has elapsed. */
  rulesSince(type: string): number {
    const changes = this.#policies.get(type) ?? this.#policies.get(defaultType)
    return this.policiesRead.knownSince(changes?.at(-1)?.at ?? -Infinity) + this.calls
  }

  #firstPolicyAt(): number {
    return this.#policies.get(defaultType)?.[0]?.at ?? Infinity
  }

  /** What a server may believe of the worker now, or so much before; null for that nobody has heard of it. */
  worker(name: string, before = 0): ReadonlyArray<MemoryState.KnownWorker | null> {
    const since = this.restrictionsRead.earliestSince(this.elapsed() - this.calls - before)
    const known = this.#workers.get(name) ?? []
    const recent = this.#recent(known, since)
    return (known[0]?.at ?? Infinity) >= since ? [null, ...recent] : recent
  }

  /** Whether there was neither trouble since then, in milliseconds since the epoch, nor was the clock set. */
  isQuietSince(time: number): boolean {
    return this.#troubles === 0 && this.#calmSince < time
  }

  /** The same, and no call of the store can have failed. */
  isSafeSince(time: number): boolean {
    const { storeAfter, storeBefore } = this.options.faults
    return storeBefore + storeAfter === 0 && this.isQuietSince(time)
  }

  /** From now on there is trouble, until the function that is returned is called. */
  trouble(): () => void {
    this.#troubles += 1
    return () => {
      this.#troubles -= 1
      this.#calmSince = this.now()
    }
  }

  /** The clock was set: what is due by it may be noticed from now on, and by how much it was late before does not count. */
  clockSet(from: number): void {
    this.#latest = Math.max(this.#latest, from)
    this.#calmSince = this.now()
    this.#setAt = this.elapsed()
  }

  /** The latest time that it has ever been. */
  get latest(): number {
    return Math.max(this.#latest, this.now())
  }

  /** Whether the clock has been set within so many milliseconds, so that servers may go by what they knew before. */
  wasSetWithin(millis: number): boolean {
    return this.elapsed() - this.#setAt < millis
  }

  /**
   * Whether for so many milliseconds all servers have counted what is left of quarantines by the clock as it is set now: they
   * count by one that is never set, from when they read it.
   */
  areQuarantinesCounted(millis: number): boolean {
    return this.restrictionsRead.knownSince(this.#setAt) + this.calls + millis < this.elapsed()
  }

  /** By how much what was due at a time is late now, apart from times of trouble. */
  lateness(due: number): number {
    return this.#troubles > 0 ? 0 : this.now() - Math.max(due, this.#calmSince)
  }

  /** By how much anything may be late that the boss does by the clock. */
  get tick(): number {
    const { faults, storeDelay } = this.options
    // Whoever dies when a server has just planned with it in mind leaves the rest to the backstop of another.
    const failures = faults.storeBefore + faults.storeAfter > 0 ? longestFailing : 0
    return 5_000 + 100 + 30 * storeDelay + failures
  }
}
