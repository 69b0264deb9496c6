/** Does on the server what the user has decided, and tells what became of it. */
import { Effect, Result } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import { JobId } from "../../domain/Identifiers.ts"
import type { WorkerState } from "../../domain/Worker.ts"
import { type Change, describeTargets, type Verb, wordings } from "../keys/changes.ts"
import { formatCount } from "../look/format.ts"
import type { Store } from "../state/Store.ts"
import type { Subject } from "../tables/Table.ts"
import { describeProblem } from "./problems.ts"

/** So many requests are under way at the same time. */
const concurrency = 8

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
        return yield* Effect.asVoid(jobs.amend({ params, payload: { priority: priority + 1 } }))
      case "lower":
        return yield* Effect.asVoid(jobs.amend({ params, payload: { priority: priority - 1 } }))
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

const decideOn = (verb: Verb, subject: Subject) => {
  if (subject.kind === "job") return decideOnJob(verb, subject)
  if (subject.kind === "type") return decideOnType(verb, subject.type)
  const state = states[verb]
  return subject.kind === "worker" && state !== undefined ? decideOnWorker(state, subject.name) : Effect.void
}

/** Carries out a change, as much of it as is possible. */
export const carryOut = Effect.fnUntraced(function* (store: Store, { targets, verb }: Change) {
  const results = yield* Effect.forEach(targets, (subject) => Effect.result(decideOn(verb, subject)), {
    concurrency
  })
  const failures = results.filter(Result.isFailure)
  const [first] = failures
  store.dispatch(
    first === undefined
      ? { kind: "notice", tone: "good", text: `${describeTargets(targets)}: ${wordings[verb].done}` }
      : {
          kind: "notice",
          tone: "bad",
          text: `${formatCount(failures.length)} of ${formatCount(results.length)} failed: ${describeProblem(first.failure)}`
        }
  )
})
