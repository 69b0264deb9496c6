/** Lists, a page at a time. */
import type { Page } from "../../domain/Page.ts"

/** How many items a page has when the client does not say. */
export const pageSize = 100

/** A page as it is answered: `next` is the cursor of the next one, null on the last. */
export const toPage = <A>({ hasMore, items }: Page<A>, cursorOf: (last: A) => string) => {
  const last = items.at(-1)
  return { items, next: hasMore && last !== undefined ? cursorOf(last) : null }
}
