/** The parts of the store, as a union of services: a store provides all of them. */
import type { BulkActionRepo } from "./jobs/BulkActionRepo.ts"
import type { CountsRepo } from "./stats/CountsRepo.ts"
import type { JobRepo } from "./jobs/JobRepo.ts"
import type { PolicyRepo } from "./policies/PolicyRepo.ts"
import type { ProjectRepo } from "./projects/ProjectRepo.ts"
import type { RetentionRepo } from "./jobs/RetentionRepo.ts"
import type { ScheduleRepo } from "./schedules/ScheduleRepo.ts"
import type { TokenRepo } from "./access/TokenRepo.ts"
import type { WorkerRepo } from "./workers/WorkerRepo.ts"

export type Store =
  | BulkActionRepo
  | CountsRepo
  | JobRepo
  | PolicyRepo
  | ProjectRepo
  | RetentionRepo
  | ScheduleRepo
  | TokenRepo
  | WorkerRepo
