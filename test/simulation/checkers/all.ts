/** All checkers. */
import type { CheckerMaker } from "../Checker.ts"
import { backoff } from "./backoff.ts"
import { budgets } from "./budgets.ts"
import { clocks } from "./clocks.ts"
import { eligible } from "./eligible.ts"
import { everythingEnds } from "./everythingEnds.ts"
import { feed } from "./feed.ts"
import { fence } from "./fence.ts"
import { following } from "./following.ts"
import { legalTransitions } from "./legalTransitions.ts"
import { limits } from "./limits.ts"
import { noComplaints } from "./noComplaints.ts"
import { nothingLost } from "./nothingLost.ts"
import { oneLiveAttempt } from "./oneLiveAttempt.ts"
import { oneOutcome } from "./oneOutcome.ts"
import { progress } from "./progress.ts"
import { projects } from "./projects.ts"
import { prompt } from "./prompt.ts"
import { schedules } from "./schedules.ts"

export const checkers: ReadonlyArray<CheckerMaker> = [
  nothingLost,
  oneLiveAttempt,
  oneOutcome,
  fence,
  legalTransitions,
  budgets,
  backoff,
  clocks,
  limits,
  eligible,
  progress,
  following,
  prompt,
  projects,
  schedules,
  feed,
  everythingEnds,
  noComplaints
]
