/** The table of events. */
import type { BossEventJson } from "../../domain/events/BossEvent.ts"
import { formatTime } from "../look/format.ts"
import type { Tone } from "../look/Look.ts"
import type { HeardEvent } from "../state/Data.ts"
import { timeOf, type ToldEvent } from "../state/ToldEvent.ts"
import type { Row, Subject, Table } from "./Table.ts"

export const eventsTable: Table = {
  columns: [
    { name: "time", title: "TIME", least: 8, most: 15, worth: 19 },
    { name: "event", title: "EVENT", least: 13, most: 19, worth: 20 },
    { name: "type", title: "TYPE", least: 10, most: 32, worth: 18 },
    { name: "job", title: "JOB", least: 9, most: 13, worth: 14, keep: "end" },
    { name: "worker", title: "WORKER", least: 10, most: 28, worth: 16 },
    { name: "about", title: "ABOUT", least: 14, most: 300, worth: 15 }
  ],
  nothing: "Nothing has happened since you came."
}

const toneOf = (name: string): Tone => {
  if (/failed|lost|timed-out|fenced/.test(name)) return "bad"
  if (/retrying|cancelled|unclaimed|quarantined|gone|paused|skipped|released/.test(name)) return "warn"
  if (/done|finished/.test(name)) return "good"
  return /assigned|started|progress/.test(name) ? "busy" : "plain"
}

const aboutOf = (event: BossEventJson): string => {
  const said = "reason" in event && event.reason ? event.reason : null
  const who = "by" in event && event.by ? `by ${event.by}` : null
  const more = (...texts: ReadonlyArray<string | null>) => texts.filter((text) => text !== null).join(", ")
  switch (event.event) {
    case "job.progress":
      return more(event.percent === null ? null : `${Math.round(event.percent)}%`, event.message)
    case "job.relaxed":
      return `${event.constraints.length} constraints are wishes after ${event.after}`
    case "worker.quarantined":
      return more(event.type === undefined ? null : `from ${event.type}`, said)
    case "worker.state":
      return more(event.state ?? null, said, who)
    case "policy.changed":
      return more(event.fields.join(" "), who)
    case "type.paused":
      return more(event.paused ? "paused" : "going on", who)
    case "project.finished":
      return event.name
    case "schedule.fired":
    case "schedule.skipped":
      return more(event.schedule, said, who)
    default:
      return more(said, who)
  }
}

const subjectOf = (event: BossEventJson): Subject | null => {
  if ("job" in event) return { kind: "job", id: event.job, type: event.type, status: null, priority: null }
  if ("worker" in event) return { kind: "worker", name: event.worker, state: null }
  if (event.event === "project.finished")
    return { kind: "project", id: event.project, name: event.name, status: "finished" }
  return { kind: "type", type: event.type, isPaused: false }
}

const fieldsOf = (event: BossEventJson, now: number): Row["fields"] => ({
  time: { text: formatTime(timeOf(event), now), order: timeOf(event), tone: "quiet" },
  event: { text: event.event, tone: toneOf(event.event) },
  type: { text: ("type" in event ? event.type : undefined) ?? "-" },
  job: { text: "job" in event ? event.job : "-", tone: "quiet" },
  worker: { text: ("worker" in event ? event.worker : null) ?? "-" },
  about: { text: aboutOf(event) },
  project: { text: ("project" in event ? event.project : null) ?? "" }
})

// Of what a newer server tells there is only the name.
const fieldsOfUnknown = ({ name }: ToldEvent): Row["fields"] => ({ event: { text: name } })

/** A row that is made when it is looked at, which most are not. */
class EventRow implements Row {
  readonly key: string
  readonly #told: ToldEvent
  readonly #now: number
  #fields: Row["fields"] | undefined

  constructor({ number, told }: HeardEvent, now: number) {
    this.key = String(number)
    this.#told = told
    this.#now = now
  }

  get subject(): Subject | null {
    const { event } = this.#told
    return event === null ? null : subjectOf(event)
  }

  get fields(): Row["fields"] {
    const { event } = this.#told
    this.#fields ??= event === null ? fieldsOfUnknown(this.#told) : fieldsOf(event, this.#now)
    return this.#fields
  }
}

// Events do not change, and of a thousand most are the same as in the frame before.
const rowsOfEvents = new WeakMap<HeardEvent, Row>()

const rowOf = (heard: HeardEvent, now: number): Row => {
  const known = rowsOfEvents.get(heard)
  if (known !== undefined) return known
  const row = new EventRow(heard, now)
  rowsOfEvents.set(heard, row)
  return row
}

/** The newest first. */
export const eventRows = (events: ReadonlyArray<HeardEvent>, now: number): ReadonlyArray<Row> =>
  events.map((heard) => rowOf(heard, now)).toReversed()
