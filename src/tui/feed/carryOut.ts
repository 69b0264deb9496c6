/** Does on the server what the user has decided, and tells what became of it. */
import { Effect, Result } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { pauseSchedule } from "../../client/pauseSchedule.ts"
import { JobId, ProjectId } from "../../domain/Identifiers.ts"
import type { WorkerState } from "../../domain/workers/Worker.ts"
import type { BulkVerb, Change, ChosenChange, FittingChange, Verb } from "../keys/changes.ts"
import { describeTargets, wordings } from "../keys/wordings.ts"
import { formatCount } from "../look/format.ts"
import type { Action } from "../state/Action.ts"
import type { Store } from "../state/Store.ts"
import type { Conditions } from "../tables/filter.ts"
import type { Subject } from "../tables/Table.ts"
import { describeProblem } from "./problems.ts"

/** How many requests are under way at the same time, at most. */
const concurrency = 8

const failureOf = (error: { readonly _tag: string; readonly message: string }): Action => ({
  kind: "notice",
  tone: "bad",
  text: describeProblem(error)
})

const decideOnJob = (verb: Verb, { id, priority }: Extract<Subject, { readonly kind: "job" }>) =>
  Effect.gen(function* () {
    const { jobs } = yield* LazybossClient
    const params = { id: JobId.make(id) }
    switch (verb) {
      case "retry":
        return yield* Effect.asVoid(jobs.retry({ params }))
      case "cancel":
        return yield* Effect.asVoid(jobs.cancel({ params, query: {} }))
      case "raise":
      case "lower": {
        const changed = (priority ?? 0) + (verb === "raise" ? 1 : -1)
        return yield* Effect.asVoid(jobs.amend({ params, payload: { priority: changed } }))
      }
    }
  })

const decideOnType = (verb: Verb, type: string) =>
  Effect.flatMap(LazybossClient, ({ stats }) =>
    Effect.asVoid(stats.pause({ params: { type }, payload: { paused: verb === "pause" } }))
  )

const states: Readonly<Partial<Record<Verb, WorkerState>>> = {
  pause: "paused",
  resume: "active",
  ban: "banned",
  readmit: "active"
}

const decideOnWorker = (state: WorkerState, name: string) =>
  Effect.flatMap(LazybossClient, ({ workers }) =>
    Effect.asVoid(workers.decide({ params: { name }, payload: { state } }))
  )

const decideOnProject = (verb: Verb, id: string) =>
  Effect.flatMap(LazybossClient, ({ projects }) => {
    const params = { id: ProjectId.make(id) }
    return Effect.asVoid(
      verb === "close"
        ? projects.close({ params, payload: { closed: true } })
        : projects.cancel({ params, query: {} })
    )
  })

const decideOnSchedule = (verb: Verb, name: string) =>
  Effect.flatMap(LazybossClient, (client) =>
    verb === "run"
      ? Effect.asVoid(client.schedules.run({ params: { name } }))
      : Effect.asVoid(pauseSchedule(client, name, verb === "pause"))
  )

const decideOn = Effect.fnUntraced(function* (verb: Verb, subject: Subject) {
  switch (subject.kind) {
    case "job":
      return yield* decideOnJob(verb, subject)
    case "type":
      return yield* decideOnType(verb, subject.type)
    case "worker":
      return yield* decideOnWorker(states[verb] ?? "active", subject.name)
    case "project":
      return yield* decideOnProject(verb, subject.id)
    case "schedule":
      return yield* decideOnSchedule(verb, subject.name)
  }
})

const changeChosen = Effect.fnUntraced(function* (store: Store, change: ChosenChange) {
  const { targets, verb } = change
  const results = yield* Effect.forEach(targets, (subject) => Effect.result(decideOn(verb, subject)), {
    concurrency
  })
  const failures = results.filter(Result.isFailure)
  const [first] = failures
  store.dispatch(
    first === undefined
      ? { kind: "notice", tone: "good", text: `${describeTargets(change)}: ${wordings[verb].done}` }
      : {
          kind: "notice",
          tone: "bad",
          text: `${formatCount(failures.length)} of ${formatCount(results.length)} failed: ${describeProblem(first.failure)}`
        }
  )
})

const changeFitting = (store: Store, change: FittingChange) =>
  Effect.flatMap(LazybossClient, ({ bulkActions }) =>
    bulkActions.ask({ payload: { action: change.verb, filter: change.filter } })
  ).pipe(
    Effect.map(({ matched }) =>
      store.dispatch({
        kind: "notice",
        tone: "good",
        text: `${describeTargets({ ...change, matched })}: ${wordings[change.verb].done}, in the background`
      })
    ),
    Effect.catch((error) => Effect.sync(() => store.dispatch(failureOf(error))))
  )

/** Carries out a change, as much of it as is possible. */
export const carryOut = (store: Store, change: Change) =>
  change.kind === "chosen" ? changeChosen(store, change) : changeFitting(store, change)

/** Counts the jobs that fit, so that whoever decides about them knows how many they are. */
export const countFitting = (store: Store, verb: BulkVerb, filter: Conditions) =>
  Effect.flatMap(LazybossClient, ({ bulkActions }) =>
    bulkActions.ask({ payload: { action: verb, filter, dryRun: true } })
  ).pipe(
    Effect.map(({ matched }) => store.dispatch({ kind: "counted", verb, filter, matched })),
    Effect.catch((error) => Effect.sync(() => store.dispatch(failureOf(error))))
  )
