/** All that lazyboss keeps. A store provides every part of it. */
import type { BulkActionRepo } from "./BulkActionRepo.ts"
import type { CountsRepo } from "./CountsRepo.ts"
import type { JobRepo } from "./JobRepo.ts"
import type { PolicyRepo } from "./PolicyRepo.ts"
import type { ProjectRepo } from "./ProjectRepo.ts"
import type { RetentionRepo } from "./RetentionRepo.ts"
import type { ScheduleRepo } from "./ScheduleRepo.ts"
import type { TokenRepo } from "./TokenRepo.ts"
import type { WorkerRepo } from "./WorkerRepo.ts"

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
