/** Attempts as they end. */
import type { AttemptRecord, Outcome } from "../../../../src/domain/attempts/Attempt.ts"
import type { Change } from "../../facts/StoreWatch.ts"

/** An attempt that has ended, and how. */
export interface EndedAttempt {
  readonly worker: string
  readonly type: string
  readonly outcome: Outcome
}

const isAlive = (attempt: AttemptRecord | null | undefined): boolean => attempt?.endedAt === null

/**
 * The attempt that has just ended by this change; null for none. One that ends because its job has expired counts for
 * nobody: it says nothing of the worker.
 */
export const endedBy = ({ after, before }: Change): EndedAttempt | null => {
  const attempt = after?.job.attempt
  if (after === null || attempt == null || attempt.outcome === null) return null
  if (before === null || !isAlive(before.job.attempt) || after.job.reason === "expired") return null
  return { worker: attempt.worker, type: after.job.group.type, outcome: attempt.outcome }
}
