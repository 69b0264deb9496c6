/** What the user may decide: which of the chosen rows it is about, and how it is asked for and told of. */
import { isFinished } from "../../domain/Job.ts"
import { formatCount } from "../look/format.ts"
import type { Subject } from "../tables/Table.ts"

export type Verb = "retry" | "cancel" | "raise" | "lower" | "pause" | "resume" | "ban" | "readmit"

/** A decision about one or many, all of one kind. */
export interface Change {
  readonly verb: Verb
  readonly targets: ReadonlyArray<Subject>
  /** How many were chosen that it is not for. */
  readonly leftOut: number
}

/** What is chosen, and what may be done with it: the first verb that is for any of the chosen is meant. */
interface Possibility {
  readonly verb: Verb
  readonly isFor: (subject: Subject) => boolean
}

const isOpenJob = (subject: Subject) =>
  subject.kind === "job" && (subject.status === null || !isFinished(subject.status))

const retry: Possibility = {
  verb: "retry",
  isFor: (subject) =>
    subject.kind === "job" && (subject.status === "failed" || subject.status === "cancelled")
}
const cancel: Possibility = { verb: "cancel", isFor: isOpenJob }
const raise: Possibility = { verb: "raise", isFor: isOpenJob }
const lower: Possibility = { verb: "lower", isFor: isOpenJob }
const pause: Possibility = {
  verb: "pause",
  isFor: (subject) =>
    (subject.kind === "type" && !subject.isPaused) ||
    (subject.kind === "worker" && subject.state === "active")
}
const resume: Possibility = {
  verb: "resume",
  isFor: (subject) =>
    (subject.kind === "type" && subject.isPaused) || (subject.kind === "worker" && subject.state === "paused")
}
const ban: Possibility = {
  verb: "ban",
  isFor: (subject) => subject.kind === "worker" && subject.state !== "banned"
}
const readmit: Possibility = {
  verb: "readmit",
  isFor: (subject) => subject.kind === "worker" && subject.state === "banned"
}

/** What a command may mean, the likelier first. */
const meanings = {
  retry: [retry],
  cancel: [cancel],
  raise: [raise],
  lower: [lower],
  pause: [pause, resume],
  ban: [ban, readmit]
} as const satisfies Record<string, ReadonlyArray<Possibility>>

export type ChangeCommand = keyof typeof meanings

/** What a command means for the chosen; null if it is for none of them. */
export const planChange = (command: ChangeCommand, chosen: ReadonlyArray<Subject>): Change | null => {
  for (const { isFor, verb } of meanings[command]) {
    const targets = chosen.filter(isFor)
    if (targets.length > 0) return { verb, targets, leftOut: chosen.length - targets.length }
  }
  return null
}

const plurals: Readonly<Record<Subject["kind"], string>> = {
  job: "jobs",
  type: "types",
  worker: "workers",
  project: "projects",
  schedule: "schedules"
}

const nameOf = (subject: Subject): string => {
  switch (subject.kind) {
    case "job":
      return `job ${subject.id} (${subject.type})`
    case "type":
      return `type ${subject.type}`
    case "worker":
    case "schedule":
    case "project":
      return `${subject.kind} ${subject.name}`
  }
}

/** Whom it is about: the one by its name, many by their exact number. */
export const describeTargets = (targets: ReadonlyArray<Subject>): string => {
  const [first] = targets
  if (first === undefined) return "nothing"
  return targets.length === 1 ? nameOf(first) : `${formatCount(targets.length)} ${plurals[first.kind]}`
}

interface Wording {
  readonly ask: (whom: string) => string
  /** What it means for whoever it is about, if that is not plain; null if it means nothing more. */
  readonly consequence?: (targets: ReadonlyArray<Subject>) => string | null
  readonly done: string
}

const workersStop = (targets: ReadonlyArray<Subject>): string | null => {
  const running = targets.filter((target) => target.kind === "job" && target.status === "processing").length
  if (running === 0) return null
  return targets.length === 1 ? "telling its worker to stop" : `${formatCount(running)} of which are running`
}

export const wordings: Readonly<Record<Verb, Wording>> = {
  retry: {
    ask: (whom) => `Retry ${whom}`,
    consequence: () => "with fresh attempts",
    done: "will be tried again"
  },
  cancel: { ask: (whom) => `Cancel ${whom}`, consequence: workersStop, done: "cancelled" },
  raise: { ask: (whom) => `Raise the priority of ${whom} by 1`, done: "raised by 1" },
  lower: { ask: (whom) => `Lower the priority of ${whom} by 1`, done: "lowered by 1" },
  pause: { ask: (whom) => `Pause ${whom}`, consequence: () => "letting what runs go on", done: "paused" },
  resume: { ask: (whom) => `Let ${whom} go on`, done: "going on" },
  ban: {
    ask: (whom) => `Ban ${whom}`,
    consequence: () => "taking away at once what is held",
    done: "banned"
  },
  readmit: { ask: (whom) => `Lift the ban on ${whom}`, done: "admitted again" }
}

/** The question that is asked before. */
export const questionOf = ({ leftOut, targets, verb }: Change): string => {
  const { ask, consequence } = wordings[verb]
  const more = consequence?.(targets) ?? null
  return (
    ask(describeTargets(targets)) +
    (more === null ? "" : `, ${more}`) +
    "?" +
    (leftOut === 0
      ? ""
      : ` ${formatCount(leftOut)} of the ${formatCount(targets.length + leftOut)} chosen cannot be, and stay as they are.`)
  )
}
