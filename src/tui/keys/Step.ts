/** What follows from a key: the state, and orders to whoever can reach the terminal and the server. */
import type { Tone } from "../look/Look.ts"
import { noticeMillis, type State } from "../state/State.ts"
import type { Conditions } from "../tables/filter.ts"
import type { BulkVerb, Change } from "./changes.ts"

export type Order =
  | { readonly kind: "quit" }
  /** To stop until the shell lets the program go on. */
  | { readonly kind: "suspend" }
  | { readonly kind: "copy"; readonly text: string }
  | { readonly kind: "change"; readonly change: Change }
  /** To count the jobs that fit, and to ask whether they are meant. */
  | { readonly kind: "count"; readonly verb: BulkVerb; readonly filter: Conditions }

export interface Step {
  readonly state: State
  readonly orders: ReadonlyArray<Order>
}

export const only = (state: State): Step => ({ state, orders: [] })

export const ordering = (state: State, order: Order): Step => ({ state, orders: [order] })

/** The state with something told at the foot. */
export const tell = (state: State, text: string, tone: Tone): State => ({
  ...state,
  notice: { text, tone, until: state.now + noticeMillis }
})

/** Why nothing is changed: what is shown may no longer be so. */
export const whileAway = "Nothing can be changed while the server is away."
