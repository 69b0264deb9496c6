/** Publish and subscribe: changes of jobs, projects and rules, at this server and from the other servers of the store. */
import { Context, Effect, Latch, Layer, Queue, type Scope, Stream } from "effect"
import { type Circumstances, endsAttempts, type JobChange } from "../jobs/JobChange.ts"
import type { JobId, ProjectId } from "../Identifiers.ts"
import type { ChangedJob } from "../jobs/Job.ts"
import { addScoped } from "../addScoped.ts"
import type { JobGroup } from "../matching/Matching.ts"
import { anything, type News, noNews, Peers, Rules } from "./Peers.ts"

/** New work as the dispatcher hears of it. */
export interface NewWork {
  /** Groups with new pending jobs of this server, and how many. */
  readonly here: ReadonlyMap<number, { readonly group: JobGroup; readonly count: number }>
  /** Groups with new pending jobs of other servers, which tell no more than the id. */
  readonly elsewhere: ReadonlySet<number>
  /** Types of which an attempt ended at other servers. */
  readonly freed: ReadonlySet<string>
  /** Whether there may be more than is listed, because news may have been missed. */
  readonly anything: boolean
}

/** Called with jobs that this server changed, how, and the circumstances of each, if any, in the same order. */
export type Listener = (
  jobs: ReadonlyArray<ChangedJob>,
  change: JobChange,
  circumstances: ReadonlyArray<Circumstances>
) => void

interface Watcher {
  readonly queue: Queue.Queue<void>
  readonly wantsProgress: boolean
}

export class EventHub extends Context.Service<
  EventHub,
  {
    /** Says what has happened to these jobs, how they are now, and the circumstances of each if there are any. */
    readonly publish: (
      change: JobChange,
      jobs: ReadonlyArray<ChangedJob>,
      circumstances?: ReadonlyArray<Circumstances>
    ) => Effect.Effect<void>
    /** Says that there is progress of these jobs, which leaves their states as they were. */
    readonly publishProgress: (jobs: ReadonlyArray<JobId>) => Effect.Effect<void>
    /** Says that these projects changed. */
    readonly publishProjects: (projects: ReadonlyArray<ProjectId>) => Effect.Effect<void>
    /**
     * Watches a job, or a project with all its jobs, until the scope closes. The inner effect waits for the next change;
     * any number of changes in between count as one, so that a slow watcher costs no memory. Progress counts as a change
     * only to who asks for it, and never to a project's watcher.
     */
    readonly watch: (
      watched: JobId | ProjectId,
      options?: { readonly progress: boolean }
    ) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
    /** How many watch a job or a project here. */
    readonly watching: Effect.Effect<number>
    /** Hears of everything that is published here, until the scope closes. The listener must be quick. */
    readonly listen: (listener: Listener) => Effect.Effect<void, never, Scope.Scope>
    /** Hears of all that other servers tell, until the scope closes. The listener must be quick. */
    readonly listenToPeers: (
      listener: (news: News | typeof anything) => void
    ) => Effect.Effect<void, never, Scope.Scope>
    /** Says that these rules of the supervisor changed. */
    readonly publishSupervision: (rules: Rules) => Effect.Effect<void>
    /** Watches these rules until the scope closes. The inner effect waits for the next change. */
    readonly watchSupervision: (rules: Rules) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
    /** Waits for new work or room under a limit, and takes all that has gathered. For the one dispatcher of this server. */
    readonly takeWork: Effect.Effect<NewWork>
  }
>()("lazyboss/domain/events/EventHub") {
  static readonly layer = Layer.effect(
    EventHub,
    Effect.gen(function* () {
      const peers = yield* Peers
      const watchers = new Map<JobId | ProjectId, Set<Watcher>>()
      const listeners = new Set<Listener>()
      const peersListeners = new Set<(news: News | typeof anything) => void>()
      const supervisionWatchers = new Set<{ readonly rules: Rules; readonly queue: Queue.Queue<void> }>()
      const workCame = yield* Latch.make(true)
      let here = new Map<number, { readonly group: JobGroup; readonly count: number }>()
      let elsewhere = new Set<number>()
      let freed = new Set<string>()
      let mayBeMore = true

      const wake = (changed: Iterable<JobId | ProjectId>, isConcerned: (watcher: Watcher) => boolean) => {
        if (watchers.size === 0) return
        for (const id of changed) {
          for (const watcher of watchers.get(id) ?? []) {
            if (isConcerned(watcher)) Queue.offerUnsafe(watcher.queue, undefined)
          }
        }
      }
      const wakeAll = (changed: Iterable<JobId | ProjectId>) => wake(changed, () => true)
      const wakeFollowers = (jobs: Iterable<JobId>) => wake(jobs, ({ wantsProgress }) => wantsProgress)

      const wakeSupervision = (changed: ReadonlyArray<Rules>) => {
        for (const { queue, rules } of supervisionWatchers) {
          if (changed.includes(rules)) Queue.offerUnsafe(queue, undefined)
        }
      }

      const hear = (news: News | typeof anything) =>
        Effect.sync(() => {
          for (const listener of peersListeners) listener(news)
          if (news !== anything) {
            wakeAll(news.jobs)
            wakeAll(news.projects)
            wakeFollowers(news.progress)
            news.groups.forEach((id) => elsewhere.add(id))
            news.freed.forEach((type) => freed.add(type))
            if (news.groups.length + news.freed.length > 0) workCame.openUnsafe()
            wakeSupervision(news.supervision)
            return
          }
          wakeSupervision(Rules.literals)
          wakeAll(watchers.keys())
          mayBeMore = true
          workCame.openUnsafe()
        })
      yield* Effect.forkScoped(Stream.runForEach(peers.news, hear))

      return EventHub.of({
        publish: (change, jobs, circumstances = []) =>
          Effect.suspend(() => {
            if (jobs.length === 0) return Effect.void
            const ids = jobs.map(({ id }) => id)
            const projects = [...new Set(jobs.flatMap(({ project }) => project ?? []))]
            wakeAll(ids)
            wakeAll(projects)
            for (const listener of listeners) listener(jobs, change, circumstances)
            const pending = jobs.filter((job) => job.status === "pending")
            for (const { group } of pending) {
              here.set(group.id, { group, count: (here.get(group.id)?.count ?? 0) + 1 })
            }
            if (pending.length > 0) workCame.openUnsafe()
            return peers.tell({
              ...noNews,
              jobs: ids,
              projects,
              groups: [...new Set(pending.map(({ group }) => group.id))],
              freed: endsAttempts(change) ? [...new Set(jobs.map(({ group }) => group.type))] : []
            })
          }),

        publishProgress: (jobs) =>
          Effect.suspend(() => {
            wakeFollowers(jobs)
            return peers.tell({ ...noNews, progress: jobs })
          }),

        publishProjects: (projects) =>
          Effect.suspend(() => {
            wakeAll(projects)
            return peers.tell({ ...noNews, projects })
          }),

        watch: (watched, options) =>
          Effect.map(
            Effect.acquireRelease(
              Effect.map(Queue.sliding<void>(1), (queue): Watcher => {
                const watcher = { queue, wantsProgress: options?.progress ?? false }
                const others = watchers.get(watched)
                if (others === undefined) watchers.set(watched, new Set([watcher]))
                else others.add(watcher)
                return watcher
              }),
              (watcher) =>
                Effect.sync(() => {
                  const all = watchers.get(watched)
                  all?.delete(watcher)
                  if (all?.size === 0) watchers.delete(watched)
                })
            ),
            ({ queue }) => Queue.take(queue)
          ),

        watching: Effect.sync(() => [...watchers.values()].reduce((sum, { size }) => sum + size, 0)),

        listen: (listener) => addScoped(listeners, listener),

        listenToPeers: (listener) => addScoped(peersListeners, listener),

        publishSupervision: (rules) =>
          Effect.suspend(() => {
            wakeSupervision([rules])
            return peers.tell({ ...noNews, supervision: [rules] })
          }),

        watchSupervision: Effect.fnUntraced(function* (rules) {
          const queue = yield* Queue.sliding<void>(1)
          yield* addScoped(supervisionWatchers, { rules, queue })
          return Queue.take(queue)
        }),

        takeWork: Effect.andThen(
          workCame.await,
          Effect.sync(() => {
            const work: NewWork = { here, elsewhere, freed, anything: mayBeMore }
            here = new Map()
            elsewhere = new Set()
            freed = new Set()
            mayBeMore = false
            workCame.closeUnsafe()
            return work
          })
        )
      })
    })
  )
}
