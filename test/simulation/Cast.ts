/** Who takes part in a run, by name: so it can be played again without some of them. */
import type { Options } from "./Options.ts"

/** What somebody does in a run. */
export type Part =
  | "client"
  | "worker"
  | "streamer"
  | "follower"
  | "project-follower"
  | "reader"
  /** Who brings about what happens now and then. */
  | "killer"
  | "outages"
  | "clock"
  | "supervisor"
  | "meddler"
  | "intruder"

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

/** Who does something now and then, where that is so many milliseconds. */
const sometimes = (part: Part, every: number | null): ReadonlyArray<Member> =>
  every === null ? [] : [one(part)]

/** All who can take part, in the order in which they begin. */
export const castOf = (options: Options): ReadonlyArray<Member> => [
  ...many("client", options.clients),
  ...many("worker", options.workers),
  ...many("streamer", options.streamers),
  ...many("follower", options.followers),
  ...many("project-follower", options.followers),
  ...many("reader", options.feedReaders),
  ...sometimes("killer", options.incidents.serverDies),
  ...sometimes("outages", options.incidents.storeAway),
  ...sometimes("clock", options.incidents.clockSet),
  ...sometimes("supervisor", options.incidents.supervisorActs),
  ...sometimes("meddler", options.incidents.supervisorActs),
  one("intruder")
]

/** Who works in a run. */
export const workersOf = ({ streamers, workers }: Options): ReadonlyArray<string> => [
  ...named(workers, "worker"),
  ...named(streamers, "streamer")
]
