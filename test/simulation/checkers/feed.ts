/**
 * The feed tells what happens: ids go on, and where nothing was missed by right (one server that never died, a store that
 * never failed after it did something, a clock that was never set, no `reset`) each end of a job is told of once: that it is
 * done, has failed or is cancelled.
 */
import { Predicate } from "effect"
import { isFinished } from "../../../src/domain/jobs/Job.ts"
import type { CheckerMaker } from "../Checker.ts"

/** How long what happened may be on its way to a reader, who may be slow or break off in between, in milliseconds. */
const way = 10_000

const ends: ReadonlySet<string> = new Set(["job.done", "job.failed", "job.cancelled"])

/** Which end an event tells of: the event and its job. */
const endOf = (name: string, job: unknown): string => `${name} of ${String(job)}`

const endIn = (name: string, data: string): string => {
  const told: unknown = JSON.parse(data)
  return endOf(name, Predicate.hasProperty(told, "job") ? told.job : null)
}

const countOf = <A>(all: Iterable<A>): ReadonlyMap<A, number> => {
  const counts = new Map<A, number>()
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1)
  return counts
}

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
      { readonly since: number; readonly told: Array<string>; isWhole: boolean }
    >()
    const ended: Array<{ readonly at: number; readonly end: string }> = []
    const numbers = new Map<string, number>()
    return {
      changed: ({ after, before, id }) => {
        if (after === null || !isFinished(after.job.status) || before?.job.status === after.job.status) return
        ended.push({ at: facts.now(), end: endOf(`job.${after.job.status}`, id) })
      },
      saw: (sighting) => {
        if (sighting._tag === "FeedItem") {
          const { data, id, name, reader } = sighting
          const known = readers.get(reader) ?? { since: facts.now(), told: [], isWhole: true }
          readers.set(reader, known)
          if (name === "reset") known.isWhole = false
          if (ends.has(name)) known.told.push(endIn(name, data))
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
          const told = countOf(reader.told)
          const happened = countOf(ended.map(({ end }) => end))
          const expected = ended.filter(({ at }) => at > reader.since && at < facts.now() - way)
          for (const [end, least] of countOf(expected.map(({ end }) => end))) {
            const count = told.get(end) ?? 0
            if (count < least || count > (happened.get(end) ?? 0))
              violated(`${name} was told ${count} times of ${end}, which happened ${least} times`)
          }
        }
      }
    }
  }
}
