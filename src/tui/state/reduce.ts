/** The state after something was told: a pure function. What the user does is in `keys/press.ts`. */
import type { Job } from "../../domain/jobs/Job.ts"
import type { StatsSnapshot } from "../../domain/stats/StatsSnapshot.ts"
import { nobodyToChange } from "../keys/wordings.ts"
import { millisOf } from "../look/format.ts"
import { positionOf, rowsOf } from "../tables/rows.ts"
import type { Action, JobNews } from "./Action.ts"
import { alertsAfter, alertsAt } from "./alerts.ts"
import {
  type Data,
  type HeardEvent,
  mostEvents,
  mostLogLines,
  mostSamples,
  type Page,
  type Sample
} from "./Data.ts"
import { type Pane } from "./Place.ts"
import type { ToldEvent } from "./ToldEvent.ts"
import { keyOfWish, noticeMillis, placeOf, type State, wishOf, withPlace } from "./State.ts"

// The rate between two snapshots is taken from the totals, for the rates that are told are those of a minute.
const samplesAfter = (
  samples: ReadonlyArray<Sample>,
  before: StatsSnapshot | null,
  after: StatsSnapshot
): ReadonlyArray<Sample> => {
  if (before === null) return samples
  const at = millisOf(after.at)
  const seconds = (at - millisOf(before.at)) / 1_000
  if (seconds <= 0) return samples
  const rate = (of: "created" | "done" | "failed") =>
    Math.max(0, (after.total.totals[of] - before.total.totals[of]) / seconds)
  const sample = { at, created: rate("created"), done: rate("done"), failed: rate("failed") }
  return [...samples, sample].slice(-mostSamples)
}

const heardAfter = (
  events: ReadonlyArray<HeardEvent>,
  told: ReadonlyArray<ToldEvent>
): ReadonlyArray<HeardEvent> => {
  const last = events.at(-1)?.number ?? 0
  const heard = told.map((each, place) => ({ number: last + place + 1, told: each }))
  return [
    ...events.slice(Math.max(0, events.length + heard.length - mostEvents)),
    ...heard.slice(-mostEvents)
  ]
}

type JobPage = Extract<Page, { readonly kind: "job" }>

const emptyJobPage: JobPage = {
  kind: "job",
  job: null,
  attempts: [],
  explanation: null,
  // The last line is the one that is still being written.
  log: [""],
  forgotten: 0
}

const withProgress = (page: JobPage, progress: Partial<NonNullable<Job["progress"]>>): JobPage =>
  page.job === null
    ? page
    : {
        ...page,
        job: { ...page.job, progress: { percent: null, message: null, ...page.job.progress, ...progress } }
      }

const withOneNews = (page: JobPage, news: JobNews): JobPage => {
  switch (news.kind) {
    case "job":
      return { ...page, job: news.job }
    case "attempts":
      return { ...page, attempts: news.attempts, explanation: news.explanation }
    case "percent":
      return withProgress(page, { percent: news.percent })
    case "message":
      return withProgress(page, { message: news.message })
    case "log":
      return page
  }
}

const withNews = (page: Page | null, news: ReadonlyArray<JobNews>): JobPage => {
  const after = news.reduce(withOneNews, page?.kind === "job" ? page : emptyJobPage)
  const text = news.map((each) => (each.kind === "log" ? each.text : "")).join("")
  if (text === "") return after
  const [first = "", ...rest] = text.split(/\r?\n/)
  const log = [...after.log.slice(0, -1), (after.log.at(-1) ?? "") + first, ...rest]
  const tooMany = Math.max(0, log.length - mostLogLines)
  return { ...after, log: log.slice(tooMany), forgotten: after.forgotten + tooMany }
}

const reduceData = (data: Data, action: Action): Data => {
  switch (action.kind) {
    case "ticked": {
      const alerts = alertsAt(data.alerts, action.now)
      return alerts === data.alerts ? data : { ...data, alerts }
    }
    case "stats":
      return { ...data, stats: action.stats, samples: samplesAfter(data.samples, data.stats, action.stats) }
    case "events":
      return {
        ...data,
        events: heardAfter(data.events, action.events),
        alerts: alertsAfter(data.alerts, action.events)
      }
    case "page":
      return { ...data, page: action.page, pageKey: action.key, pageProblem: null }
    case "pageFailed":
      return data.pageKey === action.key
        ? { ...data, pageProblem: action.problem }
        : { ...data, page: null, pageKey: action.key, pageProblem: action.problem }
    case "jobNews":
      return {
        ...data,
        page: withNews(data.pageKey === action.key ? data.page : null, action.news),
        pageKey: action.key,
        pageProblem: null
      }
    default:
      return data
  }
}

const updatesIn = (action: Action): number => {
  if (action.kind === "events") return action.events.length
  return action.kind === "page" || action.kind === "jobNews" ? 1 : 0
}

const settlePane = (state: State, pane: Pane): Pane => {
  // Whoever has chosen nothing there follows the newest.
  if (pane.name === "events" && pane.selected === null) return pane
  const rows = rowsOf(state, pane)
  if (rows.length === 0) return pane
  const position = positionOf(rows, pane)
  const selected = rows[position]?.key ?? null
  const isThere = (key: string) => rows.some((row) => row.key === key)
  const marks = [...pane.marks].every(isThere) ? pane.marks : new Set([...pane.marks].filter(isThere))
  return position === pane.position && selected === pane.selected && marks === pane.marks
    ? pane
    : { ...pane, position, selected, marks }
}

/** Before a state is shown: keeps each selection on its row wherever that moves, and takes the next one where a row has gone. */
export const settle = (state: State): State => {
  const place = placeOf(state)
  const panes = place.panes.map((pane) => settlePane(state, pane))
  return panes.every((pane, index) => pane === place.panes[index])
    ? state
    : withPlace(state, { ...place, panes })
}

/** The same state, without what was read for another place than this. */
export const withOwnPage = (state: State): State => {
  const { data } = state
  const wish = wishOf(state)
  if (wish.kind === "nothing" || data.pageKey === keyOfWish(wish)) return state
  return { ...state, data: { ...data, page: null, pageKey: null, pageProblem: null } }
}

const isOutdated = (state: State, action: Action): boolean =>
  (action.kind === "page" || action.kind === "pageFailed" || action.kind === "jobNews") &&
  action.key !== keyOfWish(wishOf(state))

// It was asked for a moment ago: whoever has gone elsewhere or types something has something else in mind.
const askAboutCounted = (
  state: State,
  { filter, matched, verb }: Extract<Action, { readonly kind: "counted" }>
): State => {
  const wish = wishOf(state)
  const isStillMeant = wish.kind === "jobs" && JSON.stringify(wish.conditions) === JSON.stringify(filter)
  if (!isStillMeant || state.prompt !== null) return state
  return matched === 0
    ? { ...state, notice: { text: nobodyToChange[verb], tone: "warn", until: state.now + noticeMillis } }
    : {
        ...state,
        notice: null,
        prompt: { kind: "confirm", change: { kind: "fitting", verb, filter, matched } }
      }
}

const heardAt = (state: State, now: number): State => ({
  ...state,
  now,
  connection: { isOpen: true, lastHeardAt: now, problem: null, nextTryAt: null }
})

const reduceRest = (state: State, action: Action): State => {
  switch (action.kind) {
    case "ticked":
      return {
        ...state,
        now: action.now,
        notice: state.notice !== null && state.notice.until <= action.now ? null : state.notice
      }
    case "resized":
      return { ...state, size: { columns: action.columns, rows: action.rows } }
    case "opened":
    case "stats":
    case "events":
    case "reset":
      return heardAt(state, action.now)
    case "lost":
      return {
        ...state,
        connection: {
          ...state.connection,
          isOpen: false,
          problem: action.problem,
          nextTryAt: action.nextTryAt
        }
      }
    case "counted":
      return askAboutCounted(state, action)
    case "notice":
      return { ...state, notice: { text: action.text, tone: action.tone, until: state.now + noticeMillis } }
    case "page":
    case "pageFailed":
    case "jobNews":
      return state
  }
}

export const reduce = (state: State, action: Action): State => {
  if (isOutdated(state, action)) return state
  const after = reduceRest(state, action)
  const data = reduceData(state.data, action)
  if (data === state.data) return after
  return {
    ...after,
    data,
    frozen:
      after.frozen === null ? null : { ...after.frozen, behind: after.frozen.behind + updatesIn(action) }
  }
}
