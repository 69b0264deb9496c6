/** All that lazyboss keeps. A store provides every part of it. */
import type { BulkActionRepo } from "./BulkActionRepo.ts"
import type { JobRepo } from "./JobRepo.ts"
import type { PolicyRepo } from "./PolicyRepo.ts"
import type { RetentionRepo } from "./RetentionRepo.ts"
import type { WorkerRepo } from "./WorkerRepo.ts"

export type Store = BulkActionRepo | JobRepo | PolicyRepo | RetentionRepo | WorkerRepo
