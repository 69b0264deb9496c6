/** The feed tells of what happens in the store, of nothing else, and of nothing twice. */
import type { CheckerMaker } from "../Checker.ts"
import { eventsOfChange, eventsOfProject, keyOfItem } from "./rules/eventsOfChanges.ts"
import { FeedStretches } from "./known/FeedStretches.ts"

export const feedTells: CheckerMaker = {
  name: "the feed tells what happens",
  make: (facts, violated) => {
    const { faults, feedReaders, servers } = facts.options
    if (feedReaders === 0) return {}
    const stretches = new FeedStretches(facts)
    const mayDouble = servers > 1 && faults.newsDoubled > 0
    /** How often each has happened. */
    const happened = new Map<string, number>()
    /** The ids under which each server has told of each. */
    const told = new Map<string, Set<string>>()

    const happens = (keys: ReadonlyArray<string>) => {
      for (const key of keys) {
        happened.set(key, (happened.get(key) ?? 0) + 1)
        stretches.toTell(key)
      }
    }

    const checkTold = (key: string, id: string, reader: string) => {
      const [server = ""] = id.split(".")
      const ids = told.get(`${server} ${key}`) ?? new Set()
      told.set(`${server} ${key}`, ids.add(id))
      const times = happened.get(key) ?? 0
      if (times === 0) violated(`${reader} was told what never happened: ${key}`)
      else if (ids.size > times && !mayDouble)
        violated(`${reader} was told ${ids.size} times of what happened ${times} times: ${key}`)
    }

    return {
      changed: (change) => happens(eventsOfChange(change)),
      projectChanged: (id, before, after) => happens(eventsOfProject(id, before, after)),
      saw: (sighting) => {
        if (sighting._tag === "Calm") stretches.calm()
        if (sighting._tag !== "FeedItem") return
        const { id, reader } = sighting
        const key = keyOfItem(sighting)
        if (key !== null) checkTold(key, id, reader)
        const missed = stretches.told(sighting, key)
        if (missed !== undefined) violated(`${reader} was not told: ${missed}`)
      }
    }
  }
}
