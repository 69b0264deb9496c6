import { TestClock } from "effect/testing"
import { layer } from "../../src/server/memory/MemoryStore.ts"
import { policyFieldsSuite } from "./PolicyFieldsSuite.ts"

policyFieldsSuite("policies on the store in memory", layer, { advance: TestClock.adjust })
