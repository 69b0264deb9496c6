/** The store in memory, for tests: what it keeps is gone with the layer. Its time is Effect's clock. */
import { Layer } from "effect"
import type { Store } from "../../domain/Store.ts"
import * as MemoryBulkActionRepo from "./MemoryBulkActionRepo.ts"
import * as MemoryCountsRepo from "./MemoryCountsRepo.ts"
import * as MemoryJobRepo from "./MemoryJobRepo.ts"
import * as MemoryPolicyRepo from "./MemoryPolicyRepo.ts"
import * as MemoryProjectRepo from "./MemoryProjectRepo.ts"
import * as MemoryRetentionRepo from "./MemoryRetentionRepo.ts"
import * as MemoryScheduleRepo from "./MemoryScheduleRepo.ts"
import { Memory } from "./MemoryState.ts"
import * as MemoryTokenRepo from "./MemoryTokenRepo.ts"
import * as MemoryWorkerRepo from "./MemoryWorkerRepo.ts"

/** The store over what somebody else keeps. */
export const layerOver: Layer.Layer<Store, never, Memory> = Layer.mergeAll(
  MemoryBulkActionRepo.layer,
  MemoryJobRepo.layer,
  MemoryCountsRepo.layer,
  MemoryPolicyRepo.layer,
  MemoryProjectRepo.layer,
  MemoryRetentionRepo.layer,
  MemoryScheduleRepo.layer,
  MemoryTokenRepo.layer,
  MemoryWorkerRepo.layer
)

/** A store of its own, empty at first. */
export const layer: Layer.Layer<Store> = layerOver.pipe(Layer.provide(Memory.layer))
