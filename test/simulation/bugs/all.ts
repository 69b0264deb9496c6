/** The bugs that are planted in the store. */
import { attempts } from "./attempts.ts"
import type { Bug } from "./Bug.ts"
import { claims } from "./claims.ts"
import { duties } from "./duties.ts"
import { jobs } from "./jobs.ts"
import { plans } from "./plans.ts"
import { progress } from "./progress.ts"

export const bugs: ReadonlyArray<Bug> = [...attempts, ...jobs, ...claims, ...progress, ...plans, ...duties]
