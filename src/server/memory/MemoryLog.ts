/** The logs of jobs in the store in memory: the text of the `log_chunk` events of all attempts. */
import type { AttemptId, JobId } from "../../domain/Identifiers.ts"
import type { LogPart, ProgressEvent } from "../../domain/JobRepo.ts"
import type { MemoryState } from "./MemoryState.ts"

const encoder = new TextEncoder()
const sizeOf = (text: string): number => encoder.encode(text).length

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
  return { size: bytes.length, bytes: bytes.slice(start, Math.max(start, end ?? bytes.length)) }
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
      if (left <= cap) break
      const size = sizeOf(entry.data)
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
