/** Lists that the server gives page by page. */
import { Effect, Schema } from "effect"
import { remark } from "../output/output.ts"

/** The server gives no more at a time. */
const largestPage = 1_000

/** The part of a query that says which page is wanted. */
interface PageQuery<Cursor> {
  readonly limit: number
  readonly cursor?: Cursor
}

/** The first `limit` items of a list, and a remark if there are more. */
export const firstOf = Effect.fnUntraced(function* <Item, Cursor, E, R>(
  limit: number,
  cursorSchema: Schema.Codec<Cursor, string>,
  page: (
    query: PageQuery<Cursor>
  ) => Effect.Effect<{ readonly items: ReadonlyArray<Item>; readonly next: string | null }, E, R>
) {
  const readCursor = Schema.decodeEffect(cursorSchema)
  const items: Array<Item> = []
  let query: PageQuery<Cursor> = { limit: Math.min(limit, largestPage) }
  while (true) {
    const answer = yield* page(query)
    items.push(...answer.items)
    if (answer.next === null) return items
    if (items.length >= limit) break
    query = {
      limit: Math.min(limit - items.length, largestPage),
      cursor: yield* Effect.orDie(readCursor(answer.next))
    }
  }
  yield* remark(`there are more than these ${items.length}: see --limit`)
  return items
})
