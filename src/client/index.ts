/** The package's public face: a client and a worker, with promises or with Effect. */
export {
  type AssignmentJson,
  connect,
  type CreateOptions,
  type JobJson,
  type Lazyboss,
  type NewJobJson,
  type Progress,
  type RunningWorker,
  runWorker,
  type WorkOptions
} from "./Lazyboss.ts"
export { type ClientOptions, LazybossClient, make } from "./LazybossClient.ts"
export type { ProgressReporter } from "./ProgressReporter.ts"
export { HandedBack, work, type WorkerOptions } from "./Worker.ts"
export { Assignment } from "../domain/jobs/Assignment.ts"
export { Job, JobStatus, NewJob } from "../domain/jobs/Job.ts"
export * as Problems from "../domain/Errors.ts"
