import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"
import { matchingSuite } from "./MatchingSuite.ts"

matchingSuite("the store in memory", MemoryStore.layer)
