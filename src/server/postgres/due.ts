/** How long until a duty has more to do. */
import { Duration, Schema } from "effect"
import { rowsOf } from "./Database.ts"

const NextRow = Schema.Struct({ next: Schema.NullOr(Schema.Number) })
export const nextRows = rowsOf(NextRow)

export const toNext = ([row]: ReadonlyArray<typeof NextRow.Type>): Duration.Duration | null =>
  row === undefined || row.next === null ? null : Duration.millis(Math.max(0, Math.ceil(row.next)))
