/**
 * Simulated time, and everything that happens in it in one order: fibers run on one queue, and when all of them rest the
 * clock goes to the next moment for which somebody sleeps. A run is one synchronous call in which nothing of the machine's
 * time or timers takes part, so that the same effect always does the same.
 */
import { Clock, Context, Duration, Effect, type Exit, Metric, Scheduler } from "effect"

interface Sleeper {
  readonly at: number
  readonly order: number
  wake: (() => void) | null
}

const isBefore = (left: Sleeper, right: Sleeper): boolean =>
  left.at < right.at || (left.at === right.at && left.order < right.order)

/** Sleepers by the time at which they wake, those of one time in the order in which they fell asleep. */
class Sleepers {
  readonly #heap: Array<Sleeper> = []

  add(sleeper: Sleeper): void {
    const heap = this.#heap
    let place = heap.push(sleeper) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || isBefore(parent, sleeper)) break
      heap[place] = parent
      place = above
    }
    heap[place] = sleeper
  }

  takeFirst(): Sleeper | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || last === first) return first
    let place = 0
    while (true) {
      let below = 2 * place + 1
      let child = heap[below]
      const other = heap[below + 1]
      if (child === undefined) break
      if (other !== undefined && isBefore(other, child)) {
        below += 1
        child = other
      }
      if (isBefore(last, child)) break
      heap[place] = child
      place = below
    }
    heap[place] = last
    return first
  }
}

/** How often what is ready is done while no time goes by, some hundred times what runs need: what goes on then never rests. */
const mostRounds = 10_000

const nanosPerMilli = 1_000_000n

export class Loop {
  /** The time of day at the beginning, and how much it was set forward since. */
  #start: number
  #elapsed = 0
  #order = 0
  #ready: Array<() => void> = []
  #fibers = 0
  /** How often what was ready has been done at this moment. */
  #rounds = 0
  readonly #sleepers = new Sleepers()

  /** Milliseconds since the epoch at which it begins. */
  constructor(start: number) {
    this.#start = start
  }

  /** The time of day, in milliseconds since the epoch. */
  readonly now = (): number => this.#start + this.#elapsed
  /** The milliseconds that have gone by. */
  readonly elapsed = (): number => this.#elapsed

  /** Sets the clock forward by so many milliseconds, or back. Whoever sleeps wakes as if nothing had happened. */
  readonly setForward = (millis: number): void => {
    this.#start += millis
  }

  readonly clock: Clock.Clock = {
    currentTimeMillisUnsafe: this.now,
    currentTimeMillis: Effect.sync(this.now),
    currentTimeNanosUnsafe: () => BigInt(this.now()) * nanosPerMilli,
    currentTimeNanos: Effect.sync(() => BigInt(this.now()) * nanosPerMilli),
    monotonicTimeNanosUnsafe: () => BigInt(this.#elapsed) * nanosPerMilli,
    monotonicTimeNanos: Effect.sync(() => BigInt(this.#elapsed) * nanosPerMilli),
    sleep: (duration) => {
      // As of a real timer: never shorter than was asked for, and in whole milliseconds.
      const millis = Math.ceil(Duration.toMillis(duration))
      return millis <= 0
        ? Effect.yieldNow
        : Effect.callback<void>((resume) => {
            const sleeper: Sleeper = {
              at: this.#elapsed + millis,
              order: ++this.#order,
              wake: () => resume(Effect.void)
            }
            this.#sleepers.add(sleeper)
            return Effect.sync(() => {
              sleeper.wake = null
            })
          })
    }
  }

  readonly #scheduler = new Scheduler.MixedScheduler("async", (task) => {
    let isCancelled = false
    this.#ready.push(() => {
      if (!isCancelled) task()
    })
    return () => {
      isCancelled = true
    }
  })

  /** What fibers of this loop run in. */
  readonly context = Context.make(Clock.Clock, this.clock).pipe(
    Context.add(Scheduler.Scheduler, this.#scheduler),
    Context.add(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => {
        this.#fibers += 1
      },
      recordFiberEnd: () => {
        this.#fibers -= 1
      }
    })
  )

  /** Does something after so many milliseconds. */
  readonly after = (millis: number, wake: () => void): void =>
    this.#sleepers.add({ at: this.#elapsed + millis, order: ++this.#order, wake })

  /**
   * Runs the effect to its end, or until `isOver` says so; undefined if it has not ended then, or never would, for which
   * `impasse` has the reason.
   */
  run<A, E>(effect: Effect.Effect<A, E>, isOver: () => boolean): Exit.Exit<A, E> | undefined {
    const fiber = Effect.runForkWith(this.context)(effect)
    while (fiber.pollUnsafe() === undefined && !isOver() && !this.#standsStill()) {
      if (this.#ready.length > 0) {
        this.#doReady()
        continue
      }
      const sleeper = this.#sleepers.takeFirst()
      if (sleeper === undefined) break
      if (sleeper.wake === null) continue
      if (sleeper.at > this.#elapsed) this.#rounds = 0
      this.#elapsed = sleeper.at
      sleeper.wake()
    }
    return fiber.pollUnsafe()
  }

  /** Why what was run would never end. */
  impasse(): string {
    if (!this.#standsStill()) return "nothing goes on any more"
    return `time stands still after ${this.#elapsed / 1_000} s: what goes on never rests`
  }

  /** Does what is left to do at once, and says how many fibers have not ended then: they wait, sleep or go on for ever. */
  readonly settle = (): number => {
    while (this.#ready.length > 0 && !this.#standsStill()) this.#doReady()
    return this.#fibers
  }

  #standsStill(): boolean {
    return this.#rounds >= mostRounds
  }

  #doReady(): void {
    this.#rounds += 1
    const tasks = this.#ready
    this.#ready = []
    for (const task of tasks) task()
  }
}
