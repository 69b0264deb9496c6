/** What becomes of a fleet whose jobs are given by the reference matcher. */
import type { Applicant, Appointment, Opening } from "./referenceMatcher.ts"
import { appoint, mayHave, scoreOf } from "./referenceMatcher.ts"
import { type Fleet, type FleetJob, type FleetWorker, patientType, tick } from "./randomFleet.ts"

/** For so many ticks jobs of `patientType` may wait for somebody better. */
export const patienceTicks = 2

const median = (values: ReadonlyArray<number>) =>
  values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 2)] ?? null

/** What workers have made of their jobs, all of which are done, as numbers by worker and type. */
const makeRecords = () => {
  const runs = new Map<string, Map<string, Array<number>>>()
  const ofType = (type: string) => [...runs.values()].flatMap((types) => median(types.get(type) ?? []) ?? [])
  const typical = new Map<string, number>()
  return {
    note: (worker: string, type: string, run: number) => {
      const types = runs.get(worker) ?? new Map<string, Array<number>>()
      runs.set(worker, types.set(type, [...(types.get(type) ?? []), run]))
      typical.set(type, median(ofType(type)) ?? run)
    },
    of: (worker: string): Applicant["records"] =>
      Object.fromEntries(
        [...(runs.get(worker) ?? [])].map(([type, all]) => {
          const done = all.length
          const own = median(all.slice(-32)) ?? 1
          const usual = typical.get(type) ?? own
          const success = (done + 6) / (done + 8)
          const pace = (done * (usual / (usual + own)) + 8 * 0.5) / (done + 8)
          return [type, 0.75 * success + 0.25 * pace]
        })
      )
  }
}

export const applicantOf = (worker: FleetWorker, records: Applicant["records"]): Applicant => ({
  ...worker,
  keptFrom: [],
  running: 0,
  records
})

/** The job as it is at a time, where nobody better is known. */
export const openingOf = (job: FleetJob, id: string, now: number): Opening => ({
  ...job,
  id,
  group: 0,
  fairnessKey: null,
  waited: (now - job.arrival) * tick,
  failedBy: [],
  better: null
})

/** The mean score of the jobs of the fleet. */
export const referenceScore = ({ jobs, workers }: Fleet): number => {
  const records = makeRecords()
  const groups = new Map<string, number>()
  const groupOf = ({ constraints, priority, type }: FleetJob) => {
    const key = JSON.stringify([type, priority, constraints])
    const known = groups.get(key) ?? groups.size
    groups.set(key, known)
    return known
  }
  const pending = new Map<string, { readonly job: FleetJob; readonly group: number }>()
  let waiting: ReadonlyArray<FleetWorker> = workers
  let running: ReadonlyArray<{ readonly worker: FleetWorker; readonly job: FleetJob; readonly end: number }> =
    []
  let arrived = 0
  let given = 0
  let sum = 0

  for (let now = 0; given < jobs.length; now++) {
    for (const { job, worker } of running.filter(({ end }) => end === now)) {
      records.note(worker.name, job.type, job.length * worker.slowness)
      waiting = [...waiting, worker]
    }
    running = running.filter(({ end }) => end > now)
    for (let next = jobs[arrived]; next !== undefined && next.arrival <= now; next = jobs[arrived]) {
      pending.set(`${arrived}`.padStart(6, "0"), { job: next, group: groupOf(next) })
      arrived += 1
    }

    const busy = running.map(({ worker }) => applicantOf(worker, records.of(worker.name)))
    const betterFor = (opening: Opening): Opening["better"] => {
      if (opening.type !== patientType) return null
      // Whoever looks at single jobs is not waited for.
      const able = busy.filter(
        (one) => one.accepts.every(({ tag }) => tag === undefined) && mayHave(one, { ...opening, waited: 0 })
      )
      const scores = able.map((one) => ({ worker: one.name, score: scoreOf(one, { ...opening, waited: 0 }) }))
      const best = scores.toSorted((left, right) => right.score - left.score)[0]
      return best === undefined ? null : { ...best, patience: patienceTicks * tick }
    }
    const openings = [...pending].map(([id, { group, job }]) => {
      const opening = { ...openingOf(job, id, now), group }
      return opening.waited < patienceTicks * tick ? { ...opening, better: betterFor(opening) } : opening
    })
    const appointments: ReadonlyArray<Appointment> = appoint(
      openings,
      waiting.map((worker) => applicantOf(worker, records.of(worker.name)))
    )
    for (const { applicant, opening, score } of appointments) {
      const worker = waiting.find(({ name }) => name === applicant.name)
      const job = pending.get(opening.id)?.job
      if (worker === undefined || job === undefined) continue
      pending.delete(opening.id)
      waiting = waiting.filter((one) => one !== worker)
      running = [...running, { worker, job, end: now + job.length * worker.slowness }]
      given += 1
      sum += score
    }
  }
  return sum / given
}
