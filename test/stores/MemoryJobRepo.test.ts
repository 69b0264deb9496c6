import { TestClock } from "effect/testing"
import { layer } from "../../src/server/memory/MemoryJobRepo.ts"
import { jobRepoSuite } from "./JobRepoSuite.ts"

jobRepoSuite("the store in memory", layer, { advance: TestClock.adjust })
