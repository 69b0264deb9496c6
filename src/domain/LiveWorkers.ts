/** Who is alive at any server: for jobs that may wait for somebody better than those who ask, and to say who could take one. */
import { Clock, Context, Duration, Effect, Layer } from "effect"
import type { Kept, LiveWorker } from "./Ability.ts"
import { anyJob } from "./Acceptance.ts"
import { tokenNameOf } from "./Caller.ts"
import type { Better } from "./Choosing.ts"
import type { JobGroup } from "./Matching.ts"
import { rankOf, type Seeker } from "./Ranking.ts"
import { mayHave, Restrictions } from "./Restrictions.ts"
import type { Worker } from "./Worker.ts"
import { WorkerRecords } from "./WorkerRecords.ts"
import { Workers } from "./Workers.ts"

/** So many of them are looked at. */
const mostLooked = 1_000
/** What was seen counts for so long: when a job is given, and when it is explained. */
const freshness = { giving: Duration.seconds(5), explaining: Duration.seconds(1) }

export class LiveWorkers extends Context.Service<
  LiveWorkers,
  {
    /** The workers that are alive, whether they may work or not, at most 1,000 of them, and what keeps them from the type. */
    readonly forType: (type: string) => Effect.Effect<ReadonlyArray<LiveWorker>>
    /** The worker that would suit jobs of the group best if it were free, save those who ask now. */
    readonly betterFor: (
      group: JobGroup,
      patience: Duration.Duration,
      asking: ReadonlySet<string>
    ) => Effect.Effect<Better | null>
  }
>()("lazyboss/domain/LiveWorkers") {
  static readonly layer = Layer.effect(
    LiveWorkers,
    Effect.gen(function* () {
      const workers = yield* Workers
      const records = yield* WorkerRecords
      const restrictions = yield* Restrictions
      let seen: ReadonlyArray<Worker> = []
      let seenAt = -Infinity

      const look = Effect.fnUntraced(function* (noOlderThan: Duration.Duration) {
        const now = yield* Clock.currentTimeMillis
        if (now < seenAt + Duration.toMillis(noOlderThan)) return seen
        const found: Array<Worker> = []
        let after: string | null = null
        while (found.length < mostLooked) {
          const page: { readonly items: ReadonlyArray<Worker>; readonly hasMore: boolean } =
            yield* workers.list({ after, state: null, limit: mostLooked })
          found.push(...page.items.filter(({ present }) => present))
          after = page.items.at(-1)?.name ?? after
          if (!page.hasMore) break
        }
        seen = found.slice(0, mostLooked)
        seenAt = now
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

      const freeOf = ({ name, record, skills, types }: Worker): Seeker => ({
        worker: name,
        suitability: { types, skills, accepts: [] },
        accepted: anyJob,
        max: 1,
        lease: null,
        keptFrom: restrictions.of(name)?.types ?? new Set(),
        records: records.rate(record),
        running: 0
      })

      return LiveWorkers.of({
        forType: (type) =>
          Effect.map(look(freshness.explaining), (alive) =>
            alive.map((worker) => ({
              name: worker.name,
              types: worker.types,
              skills: worker.skills,
              running: worker.running.length,
              kept: keptFrom(worker, type)
            }))
          ),
        betterFor: Effect.fnUntraced(function* (group, patience, asking) {
          let best: Better | null = null
          for (const worker of yield* look(freshness.giving)) {
            if (asking.has(worker.name) || !mayHave(restrictions.of(worker.name), group.type)) continue
            const rank = rankOf(freeOf(worker), group, 0)
            if (rank === null || (best !== null && best.score >= rank.score)) continue
            best = { worker: worker.name, score: rank.score, patience: Duration.toMillis(patience) }
          }
          return best
        })
      })
    })
  )
}
