/**
 * Creates jobs by the clock. Every server does so, for all schedules: the jobs of a tick are stored together with the mark
 * that it was seen to, by whoever comes first.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { type Caller, nameOf, ownerOf, tokenNameOf } from "../access/Caller.ts"
import { logWish } from "../events/DecisionLog.ts"
import { ScheduleBusy, ScheduleNotFound } from "../Errors.ts"
import { EventFeed } from "../events/EventFeed.ts"
import { EventHub } from "../events/EventHub.ts"
import { decide, type FiringDecision } from "./Firing.ts"
import type { JobRecord } from "../jobs/Job.ts"
import * as JobInserts from "../jobs/JobInserts.ts"
import type { Due } from "../Due.ts"
import type { Page } from "../Page.ts"
import { type NewSchedule, nextTickOf, type ScheduleRecord, toRules } from "./Schedule.ts"
import { type Fired, type Firing, ScheduleRepo, type ScheduleState } from "./ScheduleRepo.ts"
import { SupervisorPolicy } from "../policies/SupervisorPolicy.ts"
import { isKnownZone } from "./Ticks.ts"

/** At most this many schedules are fired in one step. */
const largestBatch = 10

/** A firing with the decision behind it. */
interface Intent {
  readonly schedule: ScheduleRecord
  readonly decision: FiringDecision
  readonly firing: Firing
}

export class Schedules extends Context.Service<
  Schedules,
  {
    /** Makes a schedule, or replaces what it says. The next tick is after now in any case, if the times change. */
    readonly put: (
      name: string,
      wish: NewSchedule,
      caller: Caller
    ) => Effect.Effect<{ readonly schedule: ScheduleRecord; readonly isNew: boolean }>
    /** Forgets a schedule. Its jobs stay, those that are unfinished too. */
    readonly remove: (name: string, caller: Caller) => Effect.Effect<void, ScheduleNotFound>
    readonly find: (name: string) => Effect.Effect<ScheduleRecord, ScheduleNotFound>
    /** Schedules by name, those after a name if one is given. */
    readonly list: (after: string | null, limit: number) => Effect.Effect<Page<ScheduleRecord>>
    /** Creates a job now, whether the schedule is paused or not. The rule of its overlap holds. */
    readonly run: (name: string, caller: Caller) => Effect.Effect<JobRecord, ScheduleNotFound | ScheduleBusy>
    /** Sees to ticks that have come. `next` is the time until there are others, null if nothing is known. */
    readonly step: Effect.Effect<{ readonly count: number; readonly next: Due<unknown>["next"] }>
    /** Waits until a schedule may have changed, here or at another server. For the one duty that fires them. */
    readonly changed: Effect.Effect<void>
  }
>()("lazyboss/domain/schedules/Schedules") {
  static readonly layer = Layer.effect(
    Schedules,
    Effect.gen(function* () {
      const repo = yield* ScheduleRepo
      const hub = yield* EventHub
      const feed = yield* EventFeed
      const policies = yield* SupervisorPolicy
      const toInsert = yield* JobInserts.make
      const changed = yield* hub.watchSupervision("schedules")
      /** Time zones of schedules that this server does not know. It leaves these to servers that do. */
      const unknownZones = new Set<string>()

      const notFound = new ScheduleNotFound({ detail: "no schedule has this name" })

      /** Cancels what a new job replaces. */
      const replace = ({ schedule, unfinished }: ScheduleState, by: string | null) =>
        (schedule.rules.overlap === "replace" ? unfinished : []).map(({ id, type }) => ({
          job: id,
          grace: policies.of(type).cancelGrace,
          request: { by, reason: `replaced by the next job of the schedule ${schedule.name}` }
        }))

      const publish = Effect.fnUntraced(function* ({ cancelled, created }: Fired) {
        if (cancelled.length > 0) yield* hub.publish("cancelled", cancelled)
        if (created.length > 0) yield* hub.publish("created", created)
      })

      const tellFired = (
        { group, id, project, schedule }: JobRecord,
        details: { readonly tick: string | null; readonly late: boolean; readonly by: string | null }
      ) =>
        schedule === null
          ? Effect.void
          : feed.tell({ event: "schedule.fired", schedule, job: id, type: group.type, project, ...details })

      const intend = Effect.fnUntraced(function* (state: ScheduleState, tick: DateTime.Utc) {
        const { now, schedule, unfinished } = state
        const { changedBy, name, rules, version } = schedule
        const decision = decide(rules, tick, now, unfinished.length > 0)
        const origin = {
          createdBy: changedBy === null ? null : tokenNameOf(changedBy),
          project: null,
          schedule: name
        }
        const firing: Firing = {
          schedule: name,
          version,
          cancellations: decision.fired.length > 0 ? replace(state, null) : [],
          jobs: yield* Effect.forEach(decision.fired, () => toInsert(rules.job, origin)),
          lastTick: decision.lastTick,
          nextTick: decision.nextTick
        }
        return { schedule, decision, firing }
      })

      const tell = Effect.fnUntraced(function* ({ decision, schedule }: Intent, fired: Fired) {
        yield* publish(fired)
        for (const [index, { late, tick }] of decision.fired.entries()) {
          const job = fired.created[index]
          if (job !== undefined) yield* tellFired(job, { tick: DateTime.formatIso(tick), late, by: null })
        }
        for (const { from, reason, until } of decision.passedOver) {
          yield* feed.tell({
            event: "schedule.skipped",
            schedule: schedule.name,
            type: schedule.rules.job.type,
            from: DateTime.formatIso(from),
            until: DateTime.formatIso(until),
            reason
          })
        }
      })

      const leaveToOthers = ({ name, rules: { timeZone } }: ScheduleRecord) => {
        if (unknownZones.has(timeZone)) return Effect.void
        unknownZones.add(timeZone)
        return Effect.logWarning("schedules not fired here: this server does not know their time zone").pipe(
          Effect.annotateLogs({ schedule: name, timeZone })
        )
      }

      const fireAll = Effect.fnUntraced(function* (intents: ReadonlyArray<Intent>) {
        const results = yield* repo.fire(intents.map(({ firing }) => firing))
        for (const [index, intent] of intents.entries()) {
          const fired = results[index]
          if (fired != null) yield* tell(intent, fired)
        }
      }, Effect.uninterruptible)

      const runOnce = Effect.fnUntraced(function* (state: ScheduleState, caller: Caller) {
        const { lastTick, name, nextTick, rules, version } = state.schedule
        const by = nameOf(caller)
        const [fired] = yield* repo.fire([
          {
            schedule: name,
            version,
            cancellations: replace(state, by),
            jobs: [yield* toInsert(rules.job, { createdBy: ownerOf(caller), project: null, schedule: name })],
            lastTick,
            nextTick
          }
        ])
        if (fired == null) return null
        yield* publish(fired)
        const [job = null] = fired.created
        if (job !== null) {
          yield* logWish("schedule run by hand", { schedule: name, by, job: job.id })
          yield* tellFired(job, { tick: null, late: false, by })
        }
        return job
      }, Effect.uninterruptible)

      return Schedules.of({
        put: Effect.fnUntraced(function* (name, wish, caller) {
          const rules = toRules(wish)
          const { after, before } = yield* repo.change(name, nameOf(caller), (stored, now) => ({
            rules,
            nextTick: nextTickOf(rules, stored, now)
          }))
          yield* hub.publishSupervision("schedules")
          const { cron, paused, timeZone } = rules
          yield* logWish("schedule set", { schedule: name, by: nameOf(caller), cron, timeZone, paused })
          return { schedule: after, isNew: before === null }
        }, Effect.uninterruptible),

        remove: Effect.fnUntraced(function* (name, caller) {
          if (!(yield* repo.remove(name))) return yield* notFound
          yield* logWish("schedule deleted", { schedule: name, by: nameOf(caller) })
        }),

        find: Effect.fnUntraced(function* (name) {
          const state = yield* repo.find(name)
          return state === null ? yield* notFound : state.schedule
        }),

        list: repo.list,

        run: Effect.fnUntraced(function* (name, caller) {
          while (true) {
            const state = yield* repo.find(name)
            if (state === null) return yield* notFound
            const [unfinished] = state.unfinished
            if (unfinished !== undefined && state.schedule.rules.overlap === "skip") {
              return yield* new ScheduleBusy({
                detail: `the job ${unfinished.id} is not finished, and jobs of this schedule must not overlap`,
                unfinished: unfinished.id
              })
            }
            const job = yield* runOnce(state, caller)
            if (job !== null) return job
            // Somebody else fired or changed the schedule in between: what it is now decides.
          }
        }),

        step: Effect.gen(function* () {
          const { done, next } = yield* repo.due(largestBatch, unknownZones)
          const intents: Array<Intent> = []
          for (const state of done) {
            const { nextTick, rules } = state.schedule
            if (!isKnownZone(rules.timeZone)) yield* leaveToOthers(state.schedule)
            else if (nextTick !== null) intents.push(yield* intend(state, nextTick))
          }
          if (intents.length > 0) yield* fireAll(intents)
          return { count: done.length, next }
        }),

        changed
      })
    })
  )
}
