/** What became of each of many outcomes. */
import { Result, Schema, Struct } from "effect"
import type { OutcomeReceipt } from "../../domain/api/Work.ts"
import {
  AttemptNotFound,
  AttemptOver,
  JobNotFound,
  OutcomeConflict,
  WrongWorker
} from "../../domain/Errors.ts"
import { largestAnswer } from "../../domain/Page.ts"
import type { Finished } from "../../domain/attempts/Reporting.ts"

const encodeProblem = Schema.encodeSync(
  Schema.Union([JobNotFound, AttemptNotFound, WrongWorker, AttemptOver, OutcomeConflict])
)

/** An outcome is created once; the same again finds it there. */
export const statusOf = (isRepeated: boolean) => (isRepeated ? 200 : 201)

/**
 * The receipts in the order of the outcomes. A problem tells how its job is, as it would alone, but once for each job and
 * for no more than is given at once: a small request must not make a huge answer.
 */
export const toReceipts = (
  answers: ReadonlyArray<Finished>
): ReadonlyArray<typeof OutcomeReceipt.Encoded> => {
  const told = new Set<string>()
  let room = largestAnswer.list
  return answers.map(
    Result.match({
      onSuccess: (isRepeated) => ({ status: statusOf(isRepeated) }),
      onFailure: (problem) => {
        const { status } = problem
        const encoded = encodeProblem(problem)
        if (!("job" in encoded)) return { status, problem: encoded }
        const isToldOf = room > 0 && !told.has(encoded.job.id)
        if (!isToldOf) return { status, problem: Struct.omit(encoded, ["job"]) }
        told.add(encoded.job.id)
        room -= JSON.stringify(encoded.job).length
        return { status, problem: encoded }
      }
    })
  )
}
