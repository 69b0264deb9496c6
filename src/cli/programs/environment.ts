/** What a program is told of its job by its environment. */
import type { JsonValue } from "../../domain/Json.ts"
import type { Assignment } from "../../domain/jobs/Assignment.ts"

/** An operating system takes no longer value, Linux 128 KiB. */
const longestValue = 65_536

/** Files through which a worker and its program talk. */
export interface Files {
  /** What the attempt before left; null if it left nothing. */
  readonly checkpoint: string | null
  /** Where the program may put its result. */
  readonly result: string
  /** Where the program may put its error. */
  readonly error: string
}

/** Where a server is, and who works for it. */
export interface Post {
  readonly url: string
}

const orNothing = (text: string): string | undefined => (text.length > longestValue ? undefined : text)

/** The variables of a job. The secret by which the worker is known is no business of the program's. */
export const environmentOf = (
  job: Assignment,
  files: Files,
  { url }: Post
): Record<string, string | undefined> => ({
  LAZYBOSS_URL: url,
  LAZYBOSS_TOKEN: undefined,
  LAZYBOSS_JOB: job.id,
  LAZYBOSS_TYPE: job.type,
  LAZYBOSS_WORKER: job.assignee,
  LAZYBOSS_ATTEMPT: job.attempt,
  LAZYBOSS_ATTEMPT_NUMBER: String(job.attemptNumber),
  LAZYBOSS_PARAMETERS: orNothing(inputOf(job.parameters)),
  LAZYBOSS_CHECKPOINT: files.checkpoint ?? undefined,
  LAZYBOSS_RESULT: files.result,
  LAZYBOSS_ERROR: files.error
})

/** What a program reads from its standard input. */
export const inputOf = (parameters: JsonValue): string => JSON.stringify(parameters)
