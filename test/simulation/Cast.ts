/** Who takes part in a run, by name: so it can be played again without some of them. */
import type { Options } from "./Options.ts"

/** Who brings about what happens now and then: how often is said by the options, and there it is left out. */
const incidental = ["killer", "outages", "clock", "supervisor", "meddler"] as const
type Incidental = (typeof incidental)[number]

/** What somebody does in a run. */
export type Part =
  "client" | "worker" | "streamer" | "follower" | "project-follower" | "reader" | Incidental | "intruder"

interface Member {
  readonly part: Part
  readonly name: string
}

/** So many of a kind, by name. */
export const named = (count: number, kind: string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, place) => `${kind}-${place + 1}`)

const many = (part: Part, count: number): ReadonlyArray<Member> =>
  named(count, part).map((name) => ({ part, name }))

const one = (part: Part): Member => ({ part, name: part })

/** All who can take part, in the order in which they begin. */
export const castOf = (options: Options): ReadonlyArray<Member> => [
  ...many("client", options.clients),
  ...many("worker", options.workers),
  ...many("streamer", options.streamers),
  ...many("follower", options.followers),
  ...many("project-follower", options.followers),
  ...many("reader", options.feedReaders),
  ...incidental.map(one),
  one("intruder")
]

/** Who can be left out of a run by name. */
export const namesOf = (options: Options): ReadonlyArray<string> => {
  const governed: ReadonlySet<Part> = new Set(incidental)
  return castOf(options).flatMap(({ name, part }) => (governed.has(part) ? [] : [name]))
}

/** Who works in a run. */
export const workersOf = ({ streamers, workers }: Options): ReadonlyArray<string> => [
  ...named(workers, "worker"),
  ...named(streamers, "streamer")
]
