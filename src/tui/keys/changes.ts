/** What the user may decide, and which of the chosen rows it is about. */
import { isFinished } from "../../domain/jobs/Job.ts"
import type { Conditions } from "../tables/filter.ts"
import type { Subject } from "../tables/Table.ts"

export type Verb =
  "retry" | "cancel" | "raise" | "lower" | "pause" | "resume" | "ban" | "readmit" | "close" | "run"

/** What can be decided about all jobs that fit a filter, whether they were read or not. */
export type BulkVerb = Extract<Verb, "retry" | "cancel">

/** A decision about one or many, all of one kind. */
export interface ChosenChange {
  readonly kind: "chosen"
  readonly verb: Verb
  readonly targets: ReadonlyArray<Subject>
  /** How many were chosen that it is not for. */
  readonly leftOut: number
}

/** A decision about all jobs that fit. */
export interface FittingChange {
  readonly kind: "fitting"
  readonly verb: BulkVerb
  readonly filter: Conditions
  /** How many there were when they were counted. */
  readonly matched: number
}

export type Change = ChosenChange | FittingChange

/** A verb, and whom it is for. */
interface Possibility {
  readonly verb: Verb
  readonly isFor: (subject: Subject) => boolean
}

const isOpenJob = (subject: Subject) =>
  subject.kind === "job" && (subject.status === null || !isFinished(subject.status))
const hasPriority = (subject: Subject) =>
  isOpenJob(subject) && subject.kind === "job" && subject.priority !== null

const retry: Possibility = {
  verb: "retry",
  isFor: (subject) =>
    subject.kind === "job" && (subject.status === "failed" || subject.status === "cancelled")
}
const cancel: Possibility = {
  verb: "cancel",
  isFor: (subject) =>
    isOpenJob(subject) ||
    (subject.kind === "project" && (subject.status === "open" || subject.status === "closed"))
}
const raise: Possibility = { verb: "raise", isFor: hasPriority }
const lower: Possibility = { verb: "lower", isFor: hasPriority }
const pause: Possibility = {
  verb: "pause",
  isFor: (subject) =>
    ((subject.kind === "type" || subject.kind === "schedule") && !subject.isPaused) ||
    (subject.kind === "worker" && subject.state === "active")
}
const resume: Possibility = {
  verb: "resume",
  isFor: (subject) =>
    ((subject.kind === "type" || subject.kind === "schedule") && subject.isPaused) ||
    (subject.kind === "worker" && subject.state === "paused")
}
const ban: Possibility = {
  verb: "ban",
  isFor: (subject) => subject.kind === "worker" && subject.state !== "banned"
}
const readmit: Possibility = {
  verb: "readmit",
  isFor: (subject) => subject.kind === "worker" && subject.state === "banned"
}
const close: Possibility = {
  verb: "close",
  isFor: (subject) => subject.kind === "project" && subject.status === "open"
}
const run: Possibility = { verb: "run", isFor: (subject) => subject.kind === "schedule" }

/** What a command may mean, the likelier first. */
const meanings = {
  retry: [retry],
  cancel: [cancel],
  raise: [raise],
  lower: [lower],
  pause: [pause, resume],
  ban: [ban, readmit],
  close: [close],
  run: [run]
} as const satisfies Record<string, ReadonlyArray<Possibility>>

export type ChangeCommand = keyof typeof meanings

/** What a command means for the chosen: the first verb that is for any of them. Null if it is for none of them. */
export const planChange = (command: ChangeCommand, chosen: ReadonlyArray<Subject>): ChosenChange | null => {
  for (const { isFor, verb } of meanings[command]) {
    const targets = chosen.filter(isFor)
    if (targets.length > 0) return { kind: "chosen", verb, targets, leftOut: chosen.length - targets.length }
  }
  return null
}
