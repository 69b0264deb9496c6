/** Which steps a sequence takes. */
import { Array as Arr } from "effect"
import { dutySteps } from "./dutySteps.ts"
import { jobSteps } from "./jobSteps.ts"
import { planSteps } from "./planSteps.ts"
import { ruleSteps } from "./ruleSteps.ts"
import type { Making, Step } from "./Side.ts"

/** What the steps of a sequence are mostly about. */
export const subjects = ["jobs", "jobs", "plans", "rules"] as const
export type Subject = (typeof subjects)[number]

/** The step of a number, by the chance it is given. The first one creates something. */
export const makeStep = (making: Making, subject: Subject, number: number): Step => {
  const jobs = jobSteps(making)
  const duties = dutySteps(making)
  const plans = planSteps(making)
  const rules = ruleSteps(making)
  if (number === 1) return subject === "plans" ? plans.addProject() : jobs.insert()
  const kinds: Arr.NonEmptyReadonlyArray<() => Step> = [
    ...Arr.replicate(jobs.insert, 3),
    ...Arr.replicate(jobs.claim, 6),
    ...Arr.replicate(jobs.end, 5),
    ...Arr.replicate(jobs.recordProgress, 4),
    ...Arr.replicate(jobs.renew, 2),
    ...Arr.replicate(jobs.cancel, 2),
    ...Arr.replicate(jobs.retry, 2),
    ...Arr.replicate(jobs.amend, 2),
    ...Arr.replicate(duties.promote, 2),
    ...Arr.replicate(duties.overdue, 2),
    duties.expire,
    duties.forgetKeys,
    duties.unclaimed,
    duties.relaxed,
    duties.outlook,
    duties.oldest,
    duties.deleteFinished,
    duties.rollUp,
    jobs.trimLog,
    jobs.trimLog,
    jobs.readLog,
    jobs.list,
    ...(subject === "plans" ? Arr.replicate(Object.values(plans), 2).flat() : []),
    ...(subject === "rules" ? Arr.replicate(Object.values(rules), 2).flat() : [])
  ]
  return making.dice.pick(...kinds)()
}
