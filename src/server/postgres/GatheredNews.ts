/** News that is gathered until it is sent, in pieces that a notification can carry. */
import { Array as Arr } from "effect"
import type { BossEventJson } from "../../domain/events/BossEvent.ts"
import { anything, type News, noNews, type Rules } from "../../domain/events/Peers.ts"
import type { JobId, ProjectId } from "../../domain/Identifiers.ts"

/** Whoever has more to tell than this says only that there is something; of events, that there were more. */
const most = { jobs: 2_000, projects: 1_000, groups: 1_000, freed: 1_000, events: 1_000 }
/** How many ids, of 39 or at most 17 bytes, or names, of 131, fit in a payload, which must have less than 8,000 bytes. */
const mostInPayload = { jobs: 60, progress: 60, groups: 75, freed: 12 }
/** Projects go in payloads of their own. */
const mostProjects = 150
/** And so do events, which have so many bytes of them. */
const largestEvents = 7_500

const chunksOf = <A>(items: Iterable<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(Arr.fromIterable(items), size)

/** The events in as few packs as hold them. One that is too large for any is left out. */
const packsOf = (events: ReadonlyArray<BossEventJson>): ReadonlyArray<ReadonlyArray<BossEventJson>> => {
  const packs: Array<Array<BossEventJson>> = []
  let room = 0
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1
    if (size > largestEvents) continue
    const pack = packs.at(-1)
    if (pack === undefined || size > room) {
      packs.push([event])
      room = largestEvents
    } else {
      pack.push(event)
    }
    room -= size
  }
  return packs
}

const nothing = () => ({
  jobs: new Set<JobId>(),
  progress: new Set<JobId>(),
  projects: new Set<ProjectId>(),
  groups: new Set<number>(),
  freed: new Set<string>(),
  events: new Array<BossEventJson>(),
  supervision: new Set<Rules>(),
  wantsEvents: false,
  missedEvents: false
})
type Gathered = ReturnType<typeof nothing>

const piecesOf = ({
  events,
  freed,
  groups,
  jobs,
  progress,
  projects,
  supervision,
  ...flags
}: Gathered): ReadonlyArray<News> => {
  const jobChunks = chunksOf(jobs, mostInPayload.jobs)
  const progressChunks = chunksOf(progress, mostInPayload.progress)
  const groupChunks = chunksOf(groups, mostInPayload.groups)
  const freedChunks = chunksOf(freed, mostInPayload.freed)
  const packs = packsOf(events)
  const missedEvents = flags.missedEvents || packs.flat().length < events.length
  const hasFlags = supervision.size > 0 || flags.wantsEvents || missedEvents
  const length = Math.max(
    jobChunks.length,
    progressChunks.length,
    groupChunks.length,
    freedChunks.length,
    hasFlags ? 1 : 0
  )
  return [
    ...Array.from({ length }, (_, index) => ({
      ...noNews,
      ...flags,
      missedEvents,
      supervision: [...supervision],
      jobs: jobChunks[index] ?? [],
      progress: progressChunks[index] ?? [],
      groups: groupChunks[index] ?? [],
      freed: freedChunks[index] ?? []
    })),
    ...chunksOf(projects, mostProjects).map((chunk) => ({ ...noNews, projects: chunk })),
    ...packs.map((pack) => ({ ...noNews, events: pack }))
  ]
}

export const make = () => {
  let gathered = nothing()
  let isAnything = false
  const sayAnything = () => {
    gathered = nothing()
    isAnything = true
  }
  return {
    /** Says no more than that there is something to be looked for. */
    sayAnything,
    add: (news: News) => {
      if (isAnything) return
      const { events, freed, groups, jobs, progress, projects } = gathered
      for (const job of news.jobs) jobs.add(job)
      for (const job of news.progress) progress.add(job)
      for (const project of news.projects) projects.add(project)
      for (const group of news.groups) groups.add(group)
      for (const type of news.freed) freed.add(type)
      const room = most.events - events.length
      events.push(...news.events.slice(0, room))
      for (const rules of news.supervision) gathered.supervision.add(rules)
      if (news.wantsEvents) gathered.wantsEvents = true
      if (news.missedEvents || news.events.length > room) gathered.missedEvents = true
      if (
        jobs.size + progress.size > most.jobs ||
        projects.size > most.projects ||
        groups.size > most.groups ||
        freed.size > most.freed
      ) {
        sayAnything()
      }
    },
    /** What was gathered, each piece for a notification; nothing of it is left. */
    take: (): ReadonlyArray<News | typeof anything> => {
      const pieces: ReadonlyArray<News | typeof anything> = isAnything ? [anything] : piecesOf(gathered)
      gathered = nothing()
      isAnything = false
      return pieces
    }
  }
}
