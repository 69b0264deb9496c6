/** How a decision is asked for and told of. */
import { formatCount } from "../look/format.ts"
import { termFor } from "../tables/filter.ts"
import type { Subject } from "../tables/Table.ts"
import type { Change, ChangeCommand, FittingChange, Verb } from "./changes.ts"

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

// What is not said of their status is what the verb is for.
const describeFitting = ({ filter, matched, verb }: FittingChange): string => {
  const { status = verb === "retry" ? "failed" : "unfinished", ...others } = filter
  const terms = Object.entries(others).map(([key, value]) => termFor(key, value))
  const jobs = matched === 1 ? `the one ${status} job` : `all ${formatCount(matched)} ${status} jobs`
  return terms.length === 0 ? jobs : `${jobs} with ${terms.join(" ")}`
}

/** Whom it is about: the one by its name, many by their exact number. */
export const describeTargets = (change: Change): string => {
  if (change.kind === "fitting") return describeFitting(change)
  const [first] = change.targets
  if (first === undefined) return "nothing"
  return change.targets.length === 1
    ? nameOf(first)
    : `${formatCount(change.targets.length)} ${plurals[first.kind]}`
}

interface Wording {
  readonly ask: (whom: string) => string
  /** What it means for whoever it is about, if that is not plain; null if it means nothing more. */
  readonly consequence?: (change: Change) => string | null
  readonly done: string
}

const whatStops = (change: Change): string | null => {
  if (change.kind === "fitting") return "stopping those that run"
  const { targets } = change
  if (targets.some(({ kind }) => kind === "project")) return "with all jobs that are not finished"
  const running = targets.filter((target) => target.kind === "job" && target.status === "processing").length
  if (running === 0) return null
  return targets.length === 1 ? "telling its worker to stop" : `${formatCount(running)} of which are running`
}

const whatGoesOn = (change: Change): string | null =>
  change.kind === "chosen" && change.targets.some(({ kind }) => kind === "schedule")
    ? null
    : "letting what runs go on"

export const wordings: Readonly<Record<Verb, Wording>> = {
  retry: {
    ask: (whom) => `Retry ${whom}`,
    consequence: () => "with fresh attempts",
    done: "will be tried again"
  },
  cancel: { ask: (whom) => `Cancel ${whom}`, consequence: whatStops, done: "cancelled" },
  raise: { ask: (whom) => `Raise the priority of ${whom} by 1`, done: "raised by 1" },
  lower: { ask: (whom) => `Lower the priority of ${whom} by 1`, done: "lowered by 1" },
  pause: { ask: (whom) => `Pause ${whom}`, consequence: whatGoesOn, done: "paused" },
  resume: { ask: (whom) => `Let ${whom} go on`, done: "going on" },
  ban: {
    ask: (whom) => `Ban ${whom}`,
    consequence: () => "taking away at once what is held",
    done: "banned"
  },
  readmit: { ask: (whom) => `Lift the ban on ${whom}`, done: "admitted again" },
  close: { ask: (whom) => `Close ${whom}`, consequence: () => "for good: no more jobs", done: "closed" },
  run: { ask: (whom) => `Run ${whom} now`, consequence: () => "beside the ticks", done: "has a new job" }
}

/** The question that is asked before. */
export const questionOf = (change: Change): string => {
  const { ask, consequence } = wordings[change.verb]
  const more = consequence?.(change) ?? null
  const question = `${ask(describeTargets(change))}${more === null ? "" : `, ${more}`}?`
  if (change.kind === "fitting" || change.leftOut === 0) return question
  const chosen = formatCount(change.targets.length + change.leftOut)
  return `${question} ${formatCount(change.leftOut)} of the ${chosen} chosen cannot be, and stay as they are.`
}

/** What is said where a command is for none of the chosen. */
export const nobodyToChange: Readonly<Record<ChangeCommand, string>> = {
  retry: "Only failed or cancelled jobs can be retried.",
  cancel: "Only what is not finished can be cancelled.",
  raise: "Only the priority of jobs that are not finished can be changed.",
  lower: "Only the priority of jobs that are not finished can be changed.",
  pause: "Only types, schedules and workers that are not banned can be paused.",
  ban: "There is nobody to ban.",
  close: "Only open projects can be closed.",
  run: "Only schedules can be run."
}
