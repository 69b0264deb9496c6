/** Which events a reader of the feed wants. */
import { Schema } from "effect"
import { eventNames, type NewEvent } from "./BossEvent.ts"
import { matchesType } from "../Identifiers.ts"

const kindOf = (name: string): string => `${name.slice(0, name.indexOf("."))}.*`

/** Every reader gets the stats; one that names only them gets nothing else. */
const stats = "stats"

const known = new Set([...eventNames, ...eventNames.map(kindOf), stats])

/** Names of events, separated by commas; `job.*` stands for all whose name begins like this. */
export const EventNames = Schema.String.check(
  Schema.makeFilter((text) => {
    const unknown = text.split(",").filter((name) => !known.has(name))
    return unknown.length === 0 || `must name events, as in job.*,attempt.lost: ${unknown.join()} is none`
  })
)

/** All conditions that are given must hold. An event without such a property does not meet a condition on it. */
export interface EventFilter {
  /** A job type, which may end in `*`. */
  readonly type?: string | undefined
  readonly project?: string | undefined
  readonly worker?: string | undefined
  readonly event?: string | undefined
}

/** The properties of an event that filters look at. */
export interface Subject {
  readonly name: string
  readonly type: string | null
  readonly project: string | null
  readonly worker: string | null
}

export const subjectOf = (event: NewEvent): Subject => ({
  name: event.event,
  type: "type" in event ? event.type : null,
  project: "project" in event ? event.project : null,
  worker: "worker" in event ? event.worker : null
})

/** Makes the test of whether an event is wanted. */
export const wanted = ({ event, project, type, worker }: EventFilter): ((subject: Subject) => boolean) => {
  const names = event === undefined ? undefined : new Set(event.split(","))
  return (subject) =>
    (names === undefined || names.has(subject.name) || names.has(kindOf(subject.name))) &&
    (type === undefined || (subject.type !== null && matchesType(type, subject.type))) &&
    (project === undefined || subject.project === project) &&
    (worker === undefined || subject.worker === worker)
}
