/** What all actors of a run share: the time, chance, the trace, and what was seen. */
import { Deferred, Effect } from "effect"
import type { Change } from "./facts/StoreWatch.ts"
import { Facts } from "./facts/Facts.ts"
import type { Checker, CheckerMaker, Sighting } from "./Checker.ts"
import type { Loop } from "./Loop.ts"
import { type Faults, noFaults, type Options } from "./Options.ts"
import type { Vacancy } from "../../src/domain/dispatching/Vacancies.ts"
import { makeDice } from "../support/Dice.ts"
import { Trace } from "./Trace.ts"

/** What must never happen and did. */
export interface Violation {
  readonly checker: string
  readonly text: string
}

export class World {
  readonly loop: Loop
  readonly options: Options
  readonly facts: Facts
  readonly trace: Trace
  violation: Violation | null = null
  /** Whether the time of faults is over. */
  isCalm = false
  /** Is done when it is over. */
  readonly calm = Deferred.makeUnsafe<void>()
  readonly #checkers: ReadonlyArray<Checker>
  readonly #expecting = new Set<(change: Change) => void>()
  #waits = 0

  constructor(
    loop: Loop,
    options: Options,
    checkers: ReadonlyArray<CheckerMaker>,
    write: ((line: string) => void) | null
  ) {
    this.loop = loop
    this.options = options
    this.trace = new Trace(loop.elapsed, write)
    this.facts = new Facts(options, loop, {
      jobChanged: (change) => this.#jobChanged(change),
      projectChanged: (id, before, after) => {
        this.trace.count(after?.record.finishedAt == null ? "project changed" : "project finished")
        for (const checker of this.#checkers) checker.projectChanged?.(id, before, after)
      },
      scheduleChanged: (name, before, after) => {
        for (const checker of this.#checkers) checker.scheduleChanged?.(name, before, after)
      },
      bulkActionChanged: (id, before, after) => {
        for (const checker of this.#checkers) checker.bulkActionChanged?.(id, before, after)
      },
      workerChanged: (before, after) => {
        for (const checker of this.#checkers) checker.workerChanged?.(before, after)
      }
    })
    this.#checkers = checkers.map(({ make, name }) =>
      make(this.facts, (text) => {
        this.violation ??= { checker: name, text }
      })
    )
  }

  get faults(): Faults {
    return this.isCalm ? noFaults : this.options.faults
  }

  /** Chance for one actor, which goes on the same whoever else takes part. */
  dice(actor: string) {
    return makeDice(`${this.options.seed} ${actor}`)
  }

  saw(sighting: Sighting): void {
    for (const checker of this.#checkers) checker.saw?.(sighting)
  }

  /** Sets the clock of all machines forward by so many milliseconds, or back. */
  setClock(millis: number): void {
    const from = this.loop.now()
    this.loop.setForward(millis)
    this.facts.troubles.clockSet(from)
    this.trace.say(`the clock is set by ${millis} ms`)
  }

  /** Lets it be seen that somebody waits at a server, as long as the effect goes on. */
  waiting<A, E>(vacancy: Vacancy, waiting: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const wait = `wait ${++this.#waits}`
      this.saw({ _tag: "Waits", wait, vacancy })
      return Effect.ensuring(
        waiting,
        Effect.sync(() => this.saw({ _tag: "WaitIsOver", wait }))
      )
    })
  }

  /** Waits until `found` makes something of a change of a job in the store: for who means to come at a bad moment. */
  next<A>(found: (change: Change) => A | null): Effect.Effect<A> {
    return Effect.callback<A>((resume) => {
      const hear = (change: Change) => {
        const made = found(change)
        if (made === null) return
        this.#expecting.delete(hear)
        // The store is in the middle of something.
        resume(Effect.as(Effect.yieldNow, made))
      }
      this.#expecting.add(hear)
      return Effect.sync(() => this.#expecting.delete(hear))
    })
  }

  /** Takes note that something went wrong on purpose. */
  fault(name: string): void {
    this.trace.count(`fault ${name}`)
  }

  /** Waits for a time around a mean. */
  readonly rest = (dice: ReturnType<typeof makeDice>, mean: number) =>
    Effect.suspend(() => Effect.sleep(Math.ceil(2 * mean * dice.next())))

  #jobChanged(change: Change): void {
    const { after, before, id } = change
    const from = before?.job.status ?? "none"
    const to = after?.job.status ?? "none"
    const attempt = after?.job.attempt
    if (from !== to || before?.job.version !== after?.job.version) {
      this.trace.count(`job ${from} → ${to}`)
      this.trace.say(
        `job ${id} ${from} → ${to} ${after?.job.version ?? ""} ${attempt?.id ?? ""} ${attempt?.outcome ?? ""}`
      )
    }
    const outcome = attempt?.outcome
    if (outcome != null && before?.job.attempt?.outcome !== outcome) this.trace.count(`outcome ${outcome}`)
    for (const checker of this.#checkers) checker.changed?.(change)
    for (const hear of this.#expecting) hear(change)
  }
}
