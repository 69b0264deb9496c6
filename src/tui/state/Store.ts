/**
 * The one state of the dashboard. What is told changes it at once and is shown with the next frame; what a key does is shown
 * immediately.
 */
import { Duration, Effect, Latch } from "effect"
import { press } from "../keys/press.ts"
import type { Order } from "../keys/Step.ts"
import type { Action } from "./Action.ts"
import { reduce, settle } from "./reduce.ts"
import type { State } from "./State.ts"

/** At most one frame a second is drawn of what happens, however much it is: nobody reads faster, and each costs. */
const frame = Duration.seconds(1)

export interface Store {
  /** The state as it is now. */
  readonly current: () => State
  /** The state as it is shown. */
  readonly shown: () => State
  /** Calls back when something else is to be shown, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void
  readonly dispatch: (action: Action) => void
  readonly press: (key: string) => void
  /** Shows what was told, a frame at a time, until interrupted. */
  readonly showFrames: Effect.Effect<never>
}

/** Makes the store. `onChange` is called after every change, `onOrder` with what a key wants done outside. */
export const make = (
  initial: State,
  onChange: (state: State, action: Action | null) => void,
  onOrder: (order: Order) => void
): Store => {
  const listeners = new Set<() => void>()
  const hasNews = Latch.makeUnsafe(false)
  let current = initial
  let shown = initial

  const show = () => {
    hasNews.closeUnsafe()
    if (shown === current) return
    current = settle(current)
    shown = current
    for (const listener of listeners) listener()
  }

  return {
    current: () => current,
    shown: () => shown,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispatch: (action) => {
      current = reduce(current, action)
      onChange(current, action)
      hasNews.openUnsafe()
    },
    press: (key) => {
      const { orders, state } = press(settle(current), key)
      current = state
      onChange(current, null)
      show()
      orders.forEach(onOrder)
    },
    showFrames: hasNews.await.pipe(
      Effect.andThen(Effect.sync(show)),
      Effect.andThen(Effect.sleep(frame)),
      Effect.forever
    )
  }
}
