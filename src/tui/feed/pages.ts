/** Reads what the place shows: once it is shown, and again when something happens that concerns it, at a bounded rate. */
import { Clock, Duration, Effect, Latch, Queue, Stream } from "effect"
import type { HttpClient } from "effect/http"
import type { LazybossClient } from "../../client/LazybossClient.ts"
import type { Action } from "../state/Action.ts"
import { type Page } from "../state/Data.ts"
import { keyOfWish, type State, type Wish, wishOf } from "../state/State.ts"
import type { Store } from "../state/Store.ts"
import type { ToldEvent } from "../state/ToldEvent.ts"
import { followJob } from "./followJob.ts"
import { describeProblem } from "./problems.ts"
import { makeReadPage } from "./readPage.ts"

/** The shortest time between two readings of the same page. */
const shortestPause = Duration.seconds(1)
/** After how long a page is read again, in case events were missed. */
const backstop = Duration.seconds(15)
/** The same for whoever may not hear events. */
const withoutEvents = Duration.seconds(2)

const concerns = (wish: Wish, { event }: ToldEvent): boolean => {
  if (event === null) return false
  switch (wish.kind) {
    case "jobs":
      return "job" in event && (wish.conditions.type === undefined || wish.conditions.type === event.type)
    case "job":
      return "job" in event && event.job === wish.id
    case "worker":
      return "worker" in event && event.worker === wish.name
    case "workers":
      return event.event.startsWith("worker.") || ("worker" in event && event.worker !== null)
    case "projects":
      return event.event.startsWith("schedule.") || ("project" in event && event.project !== null)
    case "nothing":
      return false
  }
}

export interface Pages {
  /** To be called after each change of the state. */
  readonly onChange: (state: State, action: Action | null) => void
  /** Reads the page of the place again soon. */
  readonly refresh: () => void
  /** Reads pages for the store until interrupted. */
  readonly read: (store: Store) => Effect.Effect<never, never, LazybossClient>
}

/** Makes the reader of pages. */
export const make = Effect.fnUntraced(function* (http: HttpClient.HttpClient, canHearEvents: boolean) {
  const readPage = yield* makeReadPage
  const wishes = yield* Queue.sliding<Wish>(1)
  const isOutdated = Latch.makeUnsafe(false)
  let wished: Wish = { kind: "nothing" }
  let wishedText = JSON.stringify(wished)
  let isConnected = false

  // The time that it took is waited for as well, so that a slow server is not asked without a pause.
  const again = (took: Duration.Duration) =>
    Effect.sleep(Duration.max(shortestPause, took)).pipe(
      Effect.andThen(
        Effect.raceFirst(isOutdated.await, Effect.sleep(canHearEvents ? backstop : withoutEvents))
      ),
      Effect.andThen(Effect.sync(() => isOutdated.closeUnsafe()))
    )

  const keepReading = <E extends { readonly _tag: string; readonly message: string }>(
    store: Store,
    wish: Wish,
    read: Effect.Effect<Page, E>
  ) => {
    const key = keyOfWish(wish)
    return read.pipe(
      Effect.tap((page) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          if (!canHearEvents) store.dispatch({ kind: "opened", now })
          store.dispatch({ kind: "page", key, page, now })
        })
      ),
      Effect.catch((error) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const problem = describeProblem(error)
          store.dispatch({ kind: "pageFailed", key, problem })
          if (!canHearEvents) {
            store.dispatch({ kind: "lost", problem, nextTryAt: now + Duration.toMillis(withoutEvents) })
          }
        })
      ),
      Effect.timed,
      Effect.flatMap(([took]) => again(took)),
      Effect.forever
    )
  }

  const serve = (store: Store, wish: Wish): Effect.Effect<unknown, never, LazybossClient> => {
    switch (wish.kind) {
      case "job":
        return followJob(http, store, wish, again)
      case "nothing":
        return Effect.void
      default:
        return keepReading(store, wish, readPage(wish))
    }
  }

  const pages: Pages = {
    onChange: (state, action) => {
      const wish = wishOf(state)
      const text = JSON.stringify(wish)
      if (text !== wishedText) {
        wished = wish
        wishedText = text
        isOutdated.closeUnsafe()
        Queue.offerUnsafe(wishes, wish)
      }
      // What happened while the server was away may never be told.
      const isBack = !isConnected && state.connection.isOpen
      isConnected = state.connection.isOpen
      // Once it is known that something happened, what else happens need not be read.
      if (isOutdated.isOpen()) return
      if (
        isBack ||
        action?.kind === "reset" ||
        (action?.kind === "events" && action.events.some((event) => concerns(wished, event)))
      ) {
        isOutdated.openUnsafe()
      }
    },
    refresh: () => isOutdated.openUnsafe(),
    read: (store) =>
      Stream.fromQueue(wishes).pipe(
        Stream.switchMap((wish) => Stream.fromEffectDrain(serve(store, wish))),
        Stream.runDrain,
        Effect.andThen(Effect.never)
      )
  }
  return pages
})
