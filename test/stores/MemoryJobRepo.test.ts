import { TestClock } from "effect/testing"
import { layer } from "../../src/server/memory/MemoryStore.ts"
import { jobRepoSuite } from "./JobRepoSuite.ts"

jobRepoSuite("the store in memory", layer, { advance: TestClock.adjust })
