/** By which rules servers may be going: what was in force when, and what each of them has read of it. */
import { Equal } from "effect"
import { defaultPolicy, type Policy } from "../../../src/domain/policies/Policy.ts"
import { applyOverrides, defaultType } from "../../../src/domain/policies/PolicyOverrides.ts"
import type { StoredPolicy } from "../../../src/domain/policies/PolicyRepo.ts"
import type { KnownWorker } from "../../../src/server/memory/MemoryState.ts"
import type { Delays } from "./Delays.ts"
import { Readings } from "./Readings.ts"
import type { Troubles } from "./Troubles.ts"

/** Something that was so from a time on, by the clock that is never set. */
interface Since<A> {
  readonly at: number
  readonly value: A
}

/** What was so at some time from `since` to now. */
const recent = <A>(all: ReadonlyArray<Since<A>>, since: number): ReadonlyArray<A> => {
  const first = all.findLastIndex(({ at }) => at < since)
  return all.slice(Math.max(0, first)).map(({ value }) => value)
}

export class Rules {
  /** What servers have read of the policies, and of what workers are kept from. */
  readonly policiesRead: Readings
  readonly restrictionsRead: Readings
  readonly #elapsed: () => number
  readonly #delays: Delays
  readonly #troubles: Troubles
  readonly #policies = new Map<string, Array<Since<Policy>>>()
  readonly #workers = new Map<string, Array<Since<KnownWorker>>>()

  constructor(delays: Delays, troubles: Troubles, elapsed: () => number) {
    this.policiesRead = new Readings(elapsed)
    this.restrictionsRead = new Readings(elapsed)
    this.#elapsed = elapsed
    this.#delays = delays
    this.#troubles = troubles
  }

  #note<A>(all: Map<string, Array<Since<A>>>, name: string, value: A): void {
    const known = all.get(name)
    if (known === undefined) all.set(name, [{ at: this.#elapsed(), value }])
    else known.push({ at: this.#elapsed(), value })
  }

  /** These policies are in force from now on. */
  policyChanged(policies: ReadonlyMap<string, StoredPolicy>): void {
    const own = (type: string) => policies.get(type)?.own ?? {}
    const base = applyOverrides(defaultPolicy, own(defaultType))
    const types = new Set([...this.#policies.keys(), ...policies.keys()])
    types.add(defaultType)
    for (const type of types) {
      const policy = type === defaultType ? base : applyOverrides(base, own(type))
      // A change of another type's policy leaves this one in force since it was.
      if (!Equal.equals(this.#policies.get(type)?.at(-1)?.value, policy))
        this.#note(this.#policies, type, policy)
    }
  }

  /** This is known of the worker from now on. */
  workerChanged(worker: KnownWorker): void {
    this.#note(this.#workers, worker.name, worker)
  }

  /** The policies of the type that a server may be going by now, or may have gone by so many milliseconds before. */
  policiesOf(type: string, before = 0): ReadonlyArray<Policy> {
    const since = this.policiesRead.earliestSince(this.#elapsed() - this.#delays.calls - before)
    const own = this.#policies.get(type)
    const ofAll = recent(this.#policies.get(defaultType) ?? [], since)
    const inherited = ofAll.length === 0 ? [defaultPolicy] : ofAll
    if (own === undefined) return this.#firstPolicyAt() >= since ? [defaultPolicy, ...inherited] : inherited
    const recently = recent(own, since)
    // Before the type had a policy of its own it had that of all others.
    return (own[0]?.at ?? 0) >= since ? [defaultPolicy, ...inherited, ...recently] : recently
  }

  #firstPolicyAt(): number {
    return this.#policies.get(defaultType)?.[0]?.at ?? Infinity
  }

  /** Since when every server has gone by the policy of the type that is in force now, by what has elapsed. */
  since(type: string): number {
    const changes = this.#policies.get(type) ?? this.#policies.get(defaultType)
    return this.policiesRead.knownSince(changes?.at(-1)?.at ?? -Infinity) + this.#delays.calls
  }

  /** What a server may believe of the worker now, or so much before; null for that nobody has heard of it. */
  worker(name: string, before = 0): ReadonlyArray<KnownWorker | null> {
    const since = this.restrictionsRead.earliestSince(this.#elapsed() - this.#delays.calls - before)
    const known = this.#workers.get(name) ?? []
    const recently = recent(known, since)
    return (known[0]?.at ?? Infinity) >= since ? [null, ...recently] : recently
  }

  /**
   * Whether for so many milliseconds all servers have counted what is left of quarantines by the clock as it is set now: they
   * count by one that is never set, from when they read it.
   */
  areQuarantinesCounted(millis: number): boolean {
    const known = this.restrictionsRead.knownSince(this.#troubles.clockSetAt)
    return known + this.#delays.calls + millis < this.#elapsed()
  }
}
