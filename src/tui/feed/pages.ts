/** Reads what the place shows: once it is shown, and again when something happens that concerns it, at a bounded rate. */
import { Clock, Duration, Effect, Latch, Queue, Stream } from "effect"
import type { HttpClient } from "effect/http"
import { LazybossClient } from "../../client/LazybossClient.ts"
import type { BossEventJson } from "../../domain/BossEvent.ts"
import type { ProjectStanding } from "../../domain/Project.ts"
import type { Action } from "../state/Action.ts"
import { keyOfWish, mostJobs, type Page, type State, type Wish, wishOf } from "../state/State.ts"
import type { Store } from "../state/Store.ts"
import { followJob } from "./followJob.ts"
import { describeProblem } from "./problems.ts"

/** The shortest time between two readings of the same page. */
const shortestPause = Duration.seconds(1)
/** So long is a page shown without being read again, should events be missing. */
const backstop = Duration.seconds(15)
/** The same for whoever may not hear events. */
const withoutEvents = Duration.seconds(2)
/** Rows of lists that are short. */
const mostRows = 500
/** So many projects have their jobs counted: the newest. */
const countedProjects = 25

const concerns = (wish: Wish, event: BossEventJson): boolean => {
  switch (wish.kind) {
    case "jobs":
      return "job" in event && (wish.conditions.type === undefined || wish.conditions.type === event.type)
    case "job":
      return "job" in event && event.job === wish.id
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
  const client = yield* LazybossClient
  const wishes = yield* Queue.sliding<Wish>(1)
  const isOutdated = Latch.makeUnsafe(false)
  let wished: Wish = { kind: "nothing" }
  let wishedText = JSON.stringify(wished)
  let isConnected = false

  const readJobs = (wish: Extract<Wish, { readonly kind: "jobs" }>) =>
    Effect.map(
      client.jobs.list({ query: { ...wish.conditions, limit: wish.limit } }),
      ({ items, next }): Page => ({ kind: "jobs", items, hasMore: next !== null && items.length < mostJobs })
    )

  const readWorkers = Effect.map(
    client.workers.list({ query: { limit: mostRows } }),
    ({ items, next }): Page => ({ kind: "workers", items, hasMore: next !== null })
  )

  const readSchedules = client.schedules.list({ query: { limit: mostRows } }).pipe(
    Effect.map(({ items }) => items),
    Effect.catchTag("Forbidden", () => Effect.succeed(null))
  )

  // A finished project is counted once.
  const finished = new Map<string, ProjectStanding>()
  const readStanding = (project: { readonly id: ProjectStanding["id"]; readonly finishedAt: unknown }) => {
    const known = finished.get(project.id)
    if (known !== undefined && project.finishedAt !== null) return Effect.succeed([known])
    return client.projects.get({ params: { id: project.id }, headers: {} }).pipe(
      Effect.map((standing) => {
        if (typeof standing !== "object") return []
        if (standing.finishedAt !== null) finished.set(standing.id, standing)
        return [standing]
      }),
      // It was deleted meanwhile.
      Effect.catchTag("ProjectNotFound", () => Effect.succeed([]))
    )
  }
  const readProjects = Effect.gen(function* () {
    const schedules = yield* readSchedules
    const { items } = yield* client.projects.list({ query: { limit: mostRows } })
    const standings = yield* Effect.forEach(items.slice(0, countedProjects), readStanding, { concurrency: 4 })
    const page: Page = {
      kind: "projects",
      projects: items,
      standings: new Map(standings.flat().map((standing) => [standing.id, standing])),
      schedules
    }
    return page
  })

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
      case "jobs":
        return keepReading(store, wish, readJobs(wish))
      case "workers":
        return keepReading(store, wish, readWorkers)
      case "projects":
        return keepReading(store, wish, readProjects)
      case "job":
        return followJob(http, store, wish, again)
      case "nothing":
        return Effect.void
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
