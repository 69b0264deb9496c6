/** Jobs in PostgreSQL: each method is a query, which has its own file. */
import { Effect, Layer } from "effect"
import { JobRepo } from "../../domain/jobs/JobRepo.ts"
import * as ClaimStarts from "./ClaimStarts.ts"
import { TheDatabase } from "./Database.ts"
import { orUnavailable } from "./errors.ts"
import * as JobGroups from "./JobGroups.ts"
import { amend } from "./queries/amend.ts"
import { findAttempt, findCancellation, progressSince } from "./queries/attempts.ts"
import { cancel } from "./queries/cancel.ts"
import { claim } from "./queries/claim.ts"
import { end } from "./queries/end.ts"
import { expire } from "./queries/expire.ts"
import { find, version } from "./queries/find.ts"
import { forgetKeys } from "./queries/forgetKeys.ts"
import { heldBy } from "./queries/heldBy.ts"
import { history } from "./queries/history.ts"
import { insert } from "./queries/insert.ts"
import { list } from "./queries/list.ts"
import { readLog, trimLog } from "./queries/log.ts"
import { outlook } from "./queries/outlook.ts"
import { overdue } from "./queries/overdue.ts"
import { pendingGroups } from "./queries/pendingGroups.ts"
import { promote } from "./queries/promote.ts"
import { recordProgress } from "./queries/recordProgress.ts"
import { renew } from "./queries/renew.ts"
import { retry } from "./queries/retry.ts"
import { relaxed, unclaimed } from "./queries/waited.ts"

export const layer = Layer.effect(
  JobRepo,
  Effect.gen(function* () {
    const database = yield* TheDatabase
    const groups = JobGroups.make(database)
    const starts = ClaimStarts.make()

    return JobRepo.of({
      insert: (batch) => orUnavailable(insert(database, groups, batch)),
      claim: (wish) => orUnavailable(claim(database, starts, wish)),
      end: (batch) => orUnavailable(end(database, groups, batch)),
      renew: (batch) => orUnavailable(renew(database, groups, batch)),
      recordProgress: (batch) => orUnavailable(recordProgress(database, groups, batch)),
      cancel: (batch) => orUnavailable(cancel(database, groups, batch)),
      retry: (batch) => orUnavailable(retry(database, groups, batch)),
      amend: (batch) => orUnavailable(amend(database, groups, batch)),

      find: (ids) => orUnavailable(find(database, groups, ids)),
      list: (filter) => orUnavailable(list(database, groups, filter)),
      heldBy: (worker, limit) => orUnavailable(heldBy(database, groups, worker, limit)),
      version: (id) => orUnavailable(version(database, id)),
      history: (id) => orUnavailable(history(database, groups, id)),
      outlook: (question) => orUnavailable(outlook(database, question)),
      findAttempt: (job, attempt) => orUnavailable(findAttempt(database, job, attempt)),
      findCancellation: (job, attempt) => orUnavailable(findCancellation(database, job, attempt)),
      progressSince: (attempt, after, limit) => orUnavailable(progressSince(database, attempt, after, limit)),
      readLog: (job, start, end) => orUnavailable(readLog(database, job, start, end)),
      trimLog: (job, cap) => orUnavailable(trimLog(database, job, cap)),

      pendingGroups: orUnavailable(pendingGroups(database, groups)),
      groups: (ids) => orUnavailable(groups.known(ids)),
      overdue: (limit) => orUnavailable(overdue(database, groups, limit)),
      promote: (limit) => orUnavailable(promote(database, groups, limit)),
      expire: (limit) => orUnavailable(expire(database, groups, limit)),
      unclaimed: (waitsOf, limit) => orUnavailable(unclaimed(database, groups, waitsOf, limit)),
      relaxed: (waitsOf, limit) => orUnavailable(relaxed(database, groups, waitsOf, limit)),
      forgetKeys: (limit) => orUnavailable(forgetKeys(database, limit)),
      ping: orUnavailable(database.run("select 1"))
    })
  })
)
