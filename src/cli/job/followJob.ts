/** Following a job: its log on standard output, how it goes on standard error. */
import { Effect, Stream } from "effect"
import type { Sse } from "effect/encoding"
import { beforeAnything, jobIn } from "../../client/jobEvents.ts"
import type { JobId } from "../../domain/Identifiers.ts"
import type { Job } from "../../domain/jobs/Job.ts"
import { isWatched, remark, writeJson, writeRaw } from "../output/output.ts"
import type { Connection } from "../server/asking.ts"
import { followPath, toJsonEvent } from "../server/following.ts"
import { describeError } from "../../text/describe.ts"
import { toLine } from "../../text/columns.ts"
import { mustBeDone } from "./showJob.ts"

const describeState = ({ assignee, error, status }: Job): string => {
  if (status === "processing") return `processing by ${assignee ?? "nobody"}`
  return error === null || status !== "scheduled" ? status : `scheduled again after: ${describeError(error)}`
}

/** Follows a job from its beginning to its end, and fails if it does. */
export const followJob = Effect.fnUntraced(function* (server: Connection, id: JobId, asJson: boolean) {
  let last: Job | null = null
  let isInLine = false

  // Where both are seen on one terminal, a remark does not begin in the middle of a line of the log.
  const say = (text: string) =>
    Effect.suspend(() => {
      const breakLine = isInLine && isWatched() ? writeRaw("\n") : Effect.void
      isInLine = false
      return Effect.andThen(breakLine, remark(toLine(text)))
    })

  const tell = ({ data, event }: Sse.Event, job: Job | null) => {
    if (job !== null) return say(`— ${describeState(job)}`)
    switch (event) {
      case "log_chunk":
        isInLine = !data.endsWith("\n")
        return writeRaw(data)
      case "percent":
        return say(`— ${data}%`)
      case "message":
        return say(`— ${data}`)
      default:
        return Effect.void
    }
  }

  yield* Stream.runForEach(followPath(server, `/jobs/${id}`, beforeAnything), (event) => {
    const job = jobIn(id, event)
    last = job ?? last
    return asJson ? writeJson(toJsonEvent(job === null ? event.event : "job", event)) : tell(event, job)
  })
  if (last !== null) yield* mustBeDone(last)
})
