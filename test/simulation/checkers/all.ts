/** All checkers. */
import type { CheckerMaker } from "../Checker.ts"
import { amendments } from "./amendments.ts"
import { asWished } from "./asWished.ts"
import { backoff } from "./backoff.ts"
import { bans } from "./bans.ts"
import { bestWorker } from "./bestWorker.ts"
import { budgets } from "./budgets.ts"
import { bulkActions } from "./bulkActions.ts"
import { clocks } from "./clocks.ts"
import { clocksSet } from "./clocksSet.ts"
import { conversations } from "./conversations.ts"
import { decisions } from "./decisions.ts"
import { eligible } from "./eligible.ts"
import { everythingEnds } from "./everythingEnds.ts"
import { feedGoesOn } from "./feedGoesOn.ts"
import { feedTells } from "./feedTells.ts"
import { fence } from "./fence.ts"
import { following } from "./following.ts"
import { followingProjects } from "./followingProjects.ts"
import { followingSoon } from "./followingSoon.ts"
import { intruders } from "./intruders.ts"
import { inVain } from "./inVain.ts"
import { keptProgress } from "./keptProgress.ts"
import { leaks } from "./leaks.ts"
import { leasesTold } from "./leasesTold.ts"
import { legalTransitions } from "./legalTransitions.ts"
import { limits } from "./limits.ts"
import { noComplaints } from "./noComplaints.ts"
import { nothingLost } from "./nothingLost.ts"
import { oneLiveAttempt } from "./oneLiveAttempt.ts"
import { oneOutcome } from "./oneOutcome.ts"
import { order } from "./order.ts"
import { progress } from "./progress.ts"
import { projects } from "./projects.ts"
import { projectsFinish } from "./projectsFinish.ts"
import { prompt } from "./prompt.ts"
import { quarantines } from "./quarantines.ts"
import { schedules } from "./schedules.ts"
import { signsOfLife } from "./signsOfLife.ts"
import { strangers } from "./strangers.ts"
import { streams } from "./streams.ts"
import { tallies } from "./tallies.ts"
import { unclaimed } from "./unclaimed.ts"
import { undelivered } from "./undelivered.ts"
import { waiting } from "./waiting.ts"
import { workerRecords } from "./workerRecords.ts"

export const checkers: ReadonlyArray<CheckerMaker> = [
  nothingLost,
  asWished,
  amendments,
  oneLiveAttempt,
  strangers,
  intruders,
  oneOutcome,
  fence,
  legalTransitions,
  decisions,
  budgets,
  backoff,
  clocks,
  clocksSet,
  signsOfLife,
  limits,
  eligible,
  quarantines,
  bans,
  workerRecords,
  order,
  bestWorker,
  undelivered,
  streams,
  progress,
  keptProgress,
  conversations,
  leasesTold,
  following,
  followingSoon,
  waiting,
  prompt,
  inVain,
  bulkActions,
  projects,
  projectsFinish,
  followingProjects,
  schedules,
  feedGoesOn,
  feedTells,
  unclaimed,
  tallies,
  everythingEnds,
  leaks,
  noComplaints
]
