/** Reads what a place shows from the server. */
import { Effect } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import type { JobId } from "../../domain/Identifiers.ts"
import type { ProjectStanding } from "../../domain/projects/Project.ts"
import { mostJobs, type Page } from "../state/Data.ts"
import { type Wish } from "../state/State.ts"

/** Rows of lists that are short. */
const mostRows = 500
/** How many of a worker's jobs are read, the newest. */
const mostOfWorker = 100
/** How many older jobs are read that it holds. */
const mostHeld = 16
/** How many projects have their jobs counted: the newest. */
const countedProjects = 25

/** Makes the reader of pages: the jobs that a place follows are none of its. */
export const makeReadPage = Effect.gen(function* () {
  const client = yield* LazybossClient

  const readJobs = ({ conditions, limit }: Extract<Wish, { readonly kind: "jobs" }>) =>
    Effect.map(client.jobs.list({ query: { ...conditions, limit } }), ({ items, next }): Page => ({
      kind: "jobs",
      items,
      hasMore: next !== null && items.length < mostJobs
    }))

  const readWorkers = Effect.map(
    client.workers.list({ query: { limit: mostRows } }),
    ({ items, next }): Page => ({ kind: "workers", items, hasMore: next !== null })
  )

  const readJob = (id: JobId) =>
    client.jobs.get({ params: { id }, query: {}, headers: {} }).pipe(
      Effect.map((job) => (typeof job === "object" ? [job] : [])),
      // It was deleted meanwhile.
      Effect.catchTag("JobNotFound", () => Effect.succeed([]))
    )

  const readWorker = ({ name }: Extract<Wish, { readonly kind: "worker" }>) =>
    Effect.gen(function* () {
      const worker = yield* client.workers.get({ params: { name } })
      const { items } = yield* client.jobs.list({ query: { assignee: name, limit: mostOfWorker } })
      // What it holds need not be among the newest.
      const missing = worker.running.filter(({ job }) => items.every(({ id }) => id !== job))
      const held = yield* Effect.forEach(missing.slice(0, mostHeld), ({ job }) => readJob(job), {
        concurrency: 4
      })
      const page: Page = { kind: "worker", worker, jobs: [...held.flat(), ...items] }
      return page
    })

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
    const counted = yield* Effect.forEach(items.slice(0, countedProjects), readStanding, { concurrency: 4 })
    const standings = new Map(counted.flat().map((standing) => [standing.id, standing]))
    for (const [key, { id }] of finished) if (!standings.has(id)) finished.delete(key)
    const page: Page = { kind: "projects", projects: items, standings, schedules }
    return page
  })

  return (wish: Exclude<Wish, { readonly kind: "job" | "nothing" }>) => {
    switch (wish.kind) {
      case "jobs":
        return readJobs(wish)
      case "workers":
        return readWorkers
      case "worker":
        return readWorker(wish)
      case "projects":
        return readProjects
    }
  }
})
