/** Who is alive at any server: for jobs that may wait for somebody better than those who ask, and to say who could take one. */
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { type Kept, type Living, mostLooked } from "../explaining/Ability.ts"
import { acceptedJobs, anyJob } from "../matching/Acceptance.ts"
import { tokenNameOf } from "../access/Caller.ts"
import type { BetterWorker } from "../matching/Candidates.ts"
import type { Page } from "../Page.ts"
import { classOf, type JobGroup } from "../matching/Matching.ts"
import { bestFirst, type Rank, rankOf, type Seeker } from "../matching/Ranking.ts"
import { mayHave, Restrictions } from "./Restrictions.ts"
import type { Worker } from "./Worker.ts"
import { WorkerRecords } from "./WorkerRecords.ts"
import { Workers } from "./Workers.ts"

/** How long the list of live workers is reused. */
const freshness = Duration.seconds(1)

export class LiveWorkers extends Context.Service<
  LiveWorkers,
  {
    /** The workers that are alive, whether they may work or not, at most 1,000 of them, and what keeps them from the type. */
    readonly forType: (type: string) => Effect.Effect<Living>
    /**
     * The worker that would suit jobs of the group best if it were free, save those who ask now, and those who look at
     * each single job: a job is not kept for somebody who may refuse it.
     */
    readonly betterFor: (
      group: JobGroup,
      patience: Duration.Duration,
      asking: ReadonlySet<string>
    ) => Effect.Effect<BetterWorker | null>
  }
>()("lazyboss/domain/workers/LiveWorkers") {
  static readonly layer = Layer.effect(
    LiveWorkers,
    Effect.gen(function* () {
      const workers = yield* Workers
      const records = yield* WorkerRecords
      const restrictions = yield* Restrictions
      let seen: Page<Worker> = { items: [], hasMore: false }
      let seenAt = -Infinity
      // Of the classes of groups that were asked about since.
      const rankings = new Map<string, ReadonlyArray<Rank>>()

      const look = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        // What was seen in the future, before the clock was set back, is not fresh for all that time.
        if (now >= seenAt && now < seenAt + Duration.toMillis(freshness)) return seen
        seen = yield* workers.present(mostLooked)
        seenAt = now
        rankings.clear()
        return seen
      })

      const keptFrom = ({ name, quarantines }: Worker, type: string): Kept | null => {
        const restriction = restrictions.of(name)
        if (mayHave(restriction, type)) return null
        if (restriction?.isIdle !== true) {
          return { why: "quarantine", until: quarantines.find((one) => one.type === type)?.until ?? null }
        }
        const isBanned = restrictions
          .banned()
          .some((banned) => banned === name || banned === tokenNameOf(name))
        return { why: isBanned ? "banned" : "paused", until: null }
      }

      const freeOf = ({ accepts, name, record, skills, types }: Worker): Seeker => ({
        worker: name,
        suitability: { types, skills, accepts },
        accepted: anyJob,
        max: 1,
        lease: null,
        keptFrom: restrictions.of(name)?.types ?? new Set(),
        records: records.rate(record),
        running: 0
      })

      const rankingOf = (group: JobGroup, workersSeen: ReadonlyArray<Worker>): ReadonlyArray<Rank> => {
        const known = rankings.get(classOf(group))
        if (known !== undefined) return known
        const takers = workersSeen.filter(({ accepts }) => acceptedJobs(accepts) === anyJob)
        const ranking = bestFirst(takers.flatMap((worker) => rankOf(freeOf(worker), group, 0) ?? []))
        rankings.set(classOf(group), ranking)
        return ranking
      }

      return LiveWorkers.of({
        forType: (type) =>
          Effect.map(look, ({ hasMore, items }) => ({
            areAll: !hasMore,
            workers: items.map((worker) => ({
              name: worker.name,
              types: worker.types,
              skills: worker.skills,
              accepts: worker.accepts,
              running: worker.running.length,
              kept: keptFrom(worker, type)
            }))
          })),
        betterFor: Effect.fnUntraced(function* (group, patience, asking) {
          const ranking = rankingOf(group, (yield* look).items)
          const best = ranking.find(
            ({ seeker: { worker } }) => !asking.has(worker) && mayHave(restrictions.of(worker), group.type)
          )
          return best === undefined
            ? null
            : {
                worker: best.seeker.worker,
                score: best.score,
                patience: Duration.toMillis(patience)
              }
        })
      })
    })
  )
}
