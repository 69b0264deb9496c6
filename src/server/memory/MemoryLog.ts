/** Progress in the store in memory, and the logs of jobs: the text of the `log_chunk` events of all attempts. */
import type { AttemptId, JobId } from "../../domain/Identifiers.ts"
import type { LogPart } from "../../domain/attempts/LogPart.ts"
import { largestAnswer, type Page } from "../../domain/Page.ts"
import type { ProgressEvent } from "../../domain/attempts/SignOfLife.ts"
import { type MemoryState, pageOf, sizeOf } from "./MemoryState.ts"

const encoder = new TextEncoder()

export const progressSince = (
  state: MemoryState,
  attempt: AttemptId,
  after: number,
  limit: number
): Page<ProgressEvent> => {
  const following = (state.progress.get(attempt) ?? []).filter(({ id }) => id > after)
  return pageOf(following, limit, largestAnswer.progress, ({ data }) => sizeOf(data))
}

const markerOf = (droppedBytes: string) => `[lazyboss dropped the oldest ${droppedBytes} bytes of this log]\n`

interface LogEntry extends ProgressEvent {
  readonly attempt: AttemptId
}

/** What the log of a job consists of, oldest first: chunks, before them the note of what was dropped. */
const entriesOf = (state: MemoryState, job: JobId): ReadonlyArray<LogEntry> =>
  (state.histories.get(job)?.attempts ?? []).flatMap(({ id: attempt }) =>
    (state.progress.get(attempt) ?? [])
      .filter(({ event }) => event === "log_chunk" || event === "log_dropped")
      .map((entry) => ({ ...entry, attempt }))
  )

export const readLog = (state: MemoryState, job: JobId, start: number, end: number | null): LogPart => {
  const text = entriesOf(state, job).map(({ data, event }) => (event === "log_chunk" ? data : markerOf(data)))
  const bytes = encoder.encode(text.join(""))
  const size = bytes.length
  const from = start < 0 ? Math.max(size + start, 0) : start
  return { size, start: from, bytes: bytes.slice(from, Math.max(from, end ?? size)) }
}

export const trimLog = (state: MemoryState, job: JobId, cap: number): void => {
  const entries = entriesOf(state, job)
  let left = entries.reduce((sum, { data, event }) => sum + (event === "log_chunk" ? sizeOf(data) : 0), 0)
  let droppedBytes = 0
  const dropped: Array<LogEntry> = []
  for (const entry of entries) {
    if (entry.event === "log_dropped") {
      droppedBytes += Number(entry.data)
    } else {
      const size = sizeOf(entry.data)
      // The newest chunk is kept in any case.
      if (left <= cap || left === size) break
      left -= size
      droppedBytes += size
    }
    dropped.push(entry)
  }
  const last = dropped.at(-1)
  if (last === undefined) return

  const isDropped = ({ id }: ProgressEvent, attempt: AttemptId) =>
    dropped.some((entry) => entry.id === id && entry.attempt === attempt)
  for (const attempt of new Set(dropped.map((entry) => entry.attempt))) {
    const events = state.progress.get(attempt) ?? []
    state.progress.set(
      attempt,
      events.flatMap((event) => {
        if (attempt === last.attempt && event.id === last.id) {
          return [{ id: last.id, event: "log_dropped", data: String(droppedBytes) }]
        }
        return isDropped(event, attempt) ? [] : [event]
      })
    )
  }
}
