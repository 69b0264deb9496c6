/** How jobs are shared out among vacancies that want several. */

/** One slot for each in turn, then a second one for each that wants more, so that few jobs go to many workers. */
export const takeTurns = <A extends { readonly vacancy: { readonly max: number } }>(
  waiting: Iterable<A>,
  limit: number
): ReadonlyArray<A> => {
  const slots: Array<A> = []
  let wanting = waiting
  for (let turn = 1; slots.length < limit; turn++) {
    const still: Array<A> = []
    for (const one of wanting) {
      if (slots.length === limit) break
      slots.push(one)
      if (one.vacancy.max > turn) still.push(one)
    }
    if (still.length === 0) break
    wanting = still
  }
  return slots
}
