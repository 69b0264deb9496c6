/** Which steps a sequence takes. */
import { Array as Arr, Struct } from "effect"
import { dutySteps } from "./dutySteps.ts"
import { jobSteps } from "./jobSteps.ts"
import { planSteps } from "./planSteps.ts"
import { ruleSteps } from "./ruleSteps.ts"
import type { Making, Step } from "./Side.ts"

/** How often each kind of step is taken, compared with the others. */
type Weights<Makers extends (making: Making) => object> = Readonly<Record<keyof ReturnType<Makers>, number>>

const ofJobs: Weights<typeof jobSteps> = {
  insert: 4,
  claim: 8,
  end: 6,
  recordProgress: 4,
  renew: 2,
  cancel: 2,
  retry: 2,
  amend: 2,
  trimLog: 2,
  readLog: 1,
  list: 1
}
const ofDuties: Weights<typeof dutySteps> = {
  promote: 3,
  overdue: 2,
  expire: 1,
  forgetKeys: 1,
  unclaimed: 1,
  relaxed: 1,
  outlook: 1,
  oldest: 1,
  deleteFinished: 1,
  rollUp: 1
}
const ofPlans: Weights<typeof planSteps> = {
  addProject: 4,
  countProject: 4,
  listProjects: 2,
  closeProject: 4,
  cancelProject: 4,
  finishProjects: 6,
  finishableProjects: 4,
  deleteProjects: 4,
  changeSchedule: 8,
  removeSchedule: 2,
  dueSchedules: 4,
  fire: 8,
  addAction: 6,
  carryOut: 8
}
const ofRules: Weights<typeof ruleSteps> = {
  changePolicy: 4,
  policies: 2,
  see: 4,
  credit: 4,
  changeWorker: 3,
  suspect: 8,
  restricted: 4,
  noticeGone: 4,
  forget: 4,
  listWorkers: 2,
  changeToken: 3
}
const always = { ...ofJobs, ...ofDuties }
const all = { ...always, ...ofPlans, ...ofRules }

export type Kind = keyof typeof all
export const everyKind: ReadonlyArray<Kind> = Struct.keys(all)

const often = <K extends Kind>(weights: Readonly<Record<K, number>>): ReadonlyArray<K> =>
  Struct.keys(weights).flatMap((kind) => Arr.replicate(kind, weights[kind]))

/** What the steps of a sequence are mostly about. */
export const subjects = ["jobs", "plans", "rules"] as const
export type Subject = (typeof subjects)[number]

const kindsOf: Readonly<Record<Subject, ReadonlyArray<Kind>>> = {
  jobs: often(always),
  plans: often({ ...always, ...ofPlans }),
  rules: often({ ...always, ...ofRules })
}

export interface KnownStep {
  readonly kind: Kind
  readonly take: Step
}

/** The step of a number, by the chance it is given. The first one creates something. */
export const makeStep = (making: Making, subject: Subject, number: number): KnownStep => {
  const makers: Readonly<Record<Kind, () => Step>> = {
    ...jobSteps(making),
    ...dutySteps(making),
    ...planSteps(making),
    ...ruleSteps(making)
  }
  const kinds = kindsOf[subject]
  const first = subject === "plans" ? "addProject" : "insert"
  const kind = number === 1 ? first : Arr.getUnsafe(kinds, making.dice.below(kinds.length))
  return { kind, take: makers[kind]() }
}
