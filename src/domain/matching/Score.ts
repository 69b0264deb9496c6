/**
 * How well a worker suits a job, from 0 to 1:
 *
 *     score = 0.6 × fit + 0.4 × record − 0.1 × load − 0.3 if the worker has failed or lost this job before
 *
 * (see `failedBy`), where
 *
 * - `fit` is the part of the job's wishes that the worker satisfies, by weight; 1 where nothing is wished for.
 * - `record` is what the worker has made of jobs of this type: ¾ of it the part of them that were done, ¼ its pace, which
 *   is typical ÷ (typical + own) of the median lengths of runs, so ½ for one that takes as long as others do. Both are
 *   smoothed by eight assumed runs, of which six were done, at the typical pace: a single run moves a record by less than
 *   a ninth, as long as the median stays, and somebody new is neither preferred nor shunned.
 * - `load` is n ÷ (n + 1) for n jobs that the worker is running.
 *
 * It is held within 0 and 1 and rounded to hundredths: smaller differences decide nothing, and the job that waits longer,
 * or the worker that does, goes first.
 */

/** What a worker has made of jobs of a type. Null for the time of runs of which there were none. */
export interface WorkRecord {
  readonly done: number
  /** Failed or lost. */
  readonly failed: number
  /** The median length of its runs that were done, in milliseconds. */
  readonly medianRun: number | null
}

/** The record of a worker that has done nothing of the type. */
export const noRecord: WorkRecord = { done: 0, failed: 0, medianRun: null }

const assumedRuns = 8
const assumedSuccess = 0.75
const typicalPace = 0.5

/**
 * The record as a number from 0 to 1. `typicalRun` is the length of a run that others take for jobs of the type, in
 * milliseconds; null if none is known.
 */
export const recordOf = ({ done, failed, medianRun }: WorkRecord, typicalRun: number | null): number => {
  const success = (done + assumedSuccess * assumedRuns) / (done + failed + assumedRuns)
  const pace =
    medianRun === null || typicalRun === null || medianRun + typicalRun === 0
      ? typicalPace
      : typicalRun / (typicalRun + medianRun)
  const smoothedPace = (done * pace + assumedRuns * typicalPace) / (done + assumedRuns)
  return 0.75 * success + 0.25 * smoothedPace
}

/** What the score of a worker and a job is made of. */
export interface Merits {
  readonly fit: number
  readonly record: number
  /** How many jobs the worker is running. */
  readonly running: number
  readonly hasFailedIt: boolean
}

export const scoreOf = ({ fit, hasFailedIt, record, running }: Merits): number => {
  const load = running / (running + 1)
  const score = 0.6 * fit + 0.4 * record - 0.1 * load - (hasFailedIt ? 0.3 : 0)
  return Math.round(Math.min(1, Math.max(0, score)) * 100) / 100
}
