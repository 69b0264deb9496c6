/**
 * A fleet of workers and a flood of jobs, at random, on the domain's services over a store, in virtual time. The seed is
 * always the same, so that a red run says something of the change at hand; `MATCHING_SEED=<seed>` plays another one.
 */
import { assert, it } from "@effect/vitest"
import { Clock, Duration, Effect, type Layer } from "effect"
import { TestClock } from "effect/testing"
import { Boss } from "../../src/domain/Boss.ts"
import type { Store } from "../../src/domain/Store.ts"
import { SupervisorPolicy } from "../../src/domain/policies/SupervisorPolicy.ts"
import { finish, settle, submit, vacancy, world } from "../domain/support/world.ts"
import { type FleetJob, type FleetWorker, patientType, randomFleet, tick } from "../support/randomFleet.ts"
import { applicantOf, openingOf, patienceTicks, referenceScore } from "../support/referenceFleet.ts"
import { mayHave } from "../support/referenceMatcher.ts"
import { first, present } from "./StoreKit.ts"

const size = { workers: 50, skillSets: 10, jobs: 5_000, constraintSets: 20, arrivals: 250 }
/** By then everything is done, or never will be. */
const mostTicks = 3_000

/** Knows whether a store is at work, of what matters to who gets which job. */
const makeWatch = () => {
  let underWay = 0
  const during = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      underWay += 1
      return Effect.ensuring(
        effect,
        Effect.sync(() => {
          underWay -= 1
        })
      )
    })
  const realTurn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
  return {
    during,
    /** Lets everybody come to rest who has something to do now, whatever time the store really takes. */
    rest: Effect.gen(function* () {
      do {
        while (underWay > 0) yield* realTurn
        yield* settle
      } while (underWay > 0)
    })
  }
}

export const matchingSuite = (name: string, store: Layer.Layer<Store>): void => {
  const watch = makeWatch()
  const services = world({
    store,
    change: (repo) => ({
      claim: (claim) => watch.during(repo.claim(claim)),
      insert: (batch) => watch.during(repo.insert(batch)),
      end: (batch) => watch.during(repo.end(batch)),
      pendingGroups: watch.during(repo.pendingGroups),
      groups: (ids) => watch.during(repo.groups(ids))
    }),
    changeWorkers: (repo) => ({
      see: (batch) => watch.during(repo.see(batch)),
      credit: (batch) => watch.during(repo.credit(batch)),
      find: (names) => watch.during(repo.find(names)),
      present: (limit) => watch.during(repo.present(limit))
    })
  })

  const play = Effect.fnUntraced(function* (seed: string) {
    const fleet = randomFleet(seed, size)
    const boss = yield* Boss
    const policies = yield* SupervisorPolicy
    yield* policies.change(patientType, null, () => ({ patience: Duration.millis(patienceTicks * tick) }))

    const pending = new Map<string, FleetJob>()
    const idle = new Set<FleetWorker>()
    let given = 0
    let sum = 0
    let done = 0
    const now = Effect.map(Clock.currentTimeMillis, (millis) => millis / tick)

    const work = Effect.fnUntraced(function* (worker: FleetWorker) {
      idle.add(worker)
      const claimed = first(yield* boss.claim(vacancy({ ...worker, worker: worker.name }), Duration.hours(1)))
      idle.delete(worker)
      const job = present(pending.get(claimed.job.id))
      pending.delete(claimed.job.id)
      const opening = openingOf(job, claimed.job.id, yield* now)
      assert.isTrue(mayHave(applicantOf(worker, {}), opening), JSON.stringify({ worker, opening }))
      given += 1
      sum += claimed.attempt.score ?? 0
      yield* Effect.sleep(job.length * worker.slowness * tick)
      yield* watch.during(finish(claimed))
      done += 1
    })
    yield* Effect.forEach(fleet.workers, (worker) => Effect.forkChild(Effect.forever(work(worker))))

    let arrived = 0
    while (done < fleet.jobs.length) {
      const time = yield* now
      assert.isBelow(time, mostTicks, `${fleet.jobs.length - done} jobs are not done`)
      const later = fleet.jobs.findIndex(({ arrival }) => arrival > time)
      const arriving = fleet.jobs.slice(arrived, later === -1 ? undefined : later)
      arrived += arriving.length
      if (arriving.length > 0) {
        const jobs = arriving.map(({ constraints, priority, tags, type }) => ({
          type,
          priority,
          constraints,
          tags
        }))
        const created = yield* submit(...jobs)
        created.forEach(({ id }, index) => pending.set(id, present(arriving[index])))
      }
      yield* watch.rest
      for (const worker of idle) {
        const applicant = applicantOf(worker, {})
        for (const [id, job] of pending) {
          const opening = openingOf(job, id, time)
          const isKept = job.type === patientType && opening.waited < patienceTicks * tick
          if (!isKept && mayHave(applicant, opening)) {
            assert.fail(`at ${time}, ${worker.name} is idle beside ${JSON.stringify(opening)}`)
          }
        }
      }
      yield* TestClock.adjust(tick)
      yield* watch.rest
    }
    assert.deepStrictEqual([given, pending.size], [size.jobs, 0])
    const mean = sum / given
    const reference = referenceScore(fleet)
    assert.isAtLeast(mean, 0.95 * reference, `${mean} where the reference has ${reference}`)
  }, Effect.scoped)

  const seed = process.env["MATCHING_SEED"] ?? "1"
  it.effect(
    `${name} gives a fleet its jobs as the documents say (MATCHING_SEED=${seed})`,
    () => Effect.provide(play(seed), services),
    180_000
  )
}
