/** What `lazyboss type` does. */
import { DateTime, Effect, Schema } from "effect"
import type { StatusCounts } from "../../domain/stats/Flow.ts"
import { TypeStats } from "../../domain/stats/StatsSnapshot.ts"
import { remark, writeJson, writeRaw, writeTable } from "../output/output.ts"
import { describeMoment } from "../output/spans.ts"
import type { Column } from "../output/table.ts"
import { asking, type Connection } from "../server/asking.ts"

const encode = Schema.encodeSync(TypeStats)

const count = (title: string, status: keyof StatusCounts): Column<TypeStats> => ({
  title,
  cell: ({ counts }) => String(counts[status]),
  isNumber: true
})

export const list = Effect.fnUntraced(function* ({
  json,
  ...server
}: Connection & { readonly json: boolean }) {
  const { items, truncated } = yield* asking(server, ({ stats }) => stats.types())
  if (json) return yield* writeJson(items.map((item) => encode(item)))
  const now = yield* DateTime.now
  yield* writeTable<TypeStats>(
    [
      { title: "TYPE", cell: ({ type }) => type, mayShrink: true },
      count("SCHEDULED", "scheduled"),
      count("PENDING", "pending"),
      count("PROCESSING", "processing"),
      count("DONE", "done"),
      count("FAILED", "failed"),
      count("CANCELLED", "cancelled"),
      { title: "OLDEST", cell: ({ oldestPending }) => describeMoment(oldestPending, now) },
      { title: "LIMIT", cell: ({ concurrency }) => String(concurrency ?? "-"), isNumber: true },
      { title: "STATE", cell: ({ paused }) => (paused ? { text: "paused", tone: "busy" } : "") }
    ],
    items,
    "there has been no job yet"
  )
  if (truncated) yield* remark("there are more types than these")
})

// It may come later, or its name is mistyped: whoever decides on it should know.
const unseen = ({ totals }: TypeStats): string =>
  totals.created === 0 ? " (no job of this type has been seen yet)" : ""

export const setPaused = (
  { json, name, ...server }: Connection & { readonly name: string; readonly json: boolean },
  paused: boolean
) =>
  Effect.flatMap(
    asking(server, ({ stats }) => stats.pause({ params: { type: name }, payload: { paused } })),
    (type) =>
      json
        ? writeJson(encode(type))
        : writeRaw(`${name} is ${type.paused ? "paused" : "not paused"}${unseen(type)}\n`)
  )
