/**
 * The feed tells what happens: ids go on, and where nothing was missed by right (one server that never died, a store that
 * never failed after it did something, a clock that was never set, no `reset`) each job that was done is told of once.
 */
import type { CheckerMaker } from "../Checker.ts"

/** How long what happened may be on its way to a reader, who may be slow or break off in between, in milliseconds. */
const way = 10_000

export const feed: CheckerMaker = {
  name: "the feed tells all",
  make: (facts, violated) => {
    const { faults, incidents, servers } = facts.options
    const mayMiss =
      servers > 1 ||
      incidents.serverDies !== null ||
      incidents.storeAway !== null ||
      incidents.clockSet !== null ||
      faults.storeAfter > 0
    const readers = new Map<
      string,
      { readonly since: number; readonly done: Array<string>; isWhole: boolean }
    >()
    const done: Array<{ readonly at: number; readonly attempt: string }> = []
    const numbers = new Map<string, number>()
    return {
      changed: ({ after, before }) => {
        if (after?.job.status === "done" && before?.job.status !== "done") {
          done.push({ at: facts.now(), attempt: after.job.attempt?.id ?? "" })
        }
      },
      saw: (sighting) => {
        if (sighting._tag === "FeedItem") {
          const { data, id, name, reader } = sighting
          const known = readers.get(reader) ?? { since: facts.now(), done: [], isWhole: true }
          readers.set(reader, known)
          if (name === "reset") known.isWhole = false
          if (name === "job.done") known.done.push(data)
          const [server, number] = id.split(".")
          const place = `${reader} ${server}`
          const isOn =
            name === "stats" || name === "reset"
              ? Number(number) >= (numbers.get(place) ?? 0)
              : Number(number) > (numbers.get(place) ?? -1)
          if (!isOn) violated(`${reader} got ${name} ${id} after ${numbers.get(place)}`)
          numbers.set(place, Number(number))
        }
        if (sighting._tag !== "Calm" || mayMiss) return
        for (const [name, reader] of readers) {
          if (!reader.isWhole) continue
          const told = reader.done.join("\n")
          const expected = done.filter(({ at }) => at > reader.since && at < facts.now() - way)
          for (const { attempt } of expected) {
            const count = told.split(attempt).length - 1
            if (count !== 1) violated(`${name} was told ${count} times that ${attempt} is done`)
          }
        }
      }
    }
  }
}
