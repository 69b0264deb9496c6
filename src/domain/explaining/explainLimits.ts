/** Which limits of its type hold a job back. */
import { DateTime } from "effect"
import type { Ability } from "./Ability.ts"
import { formatDuration } from "../Duration.ts"
import { ofThoseLookedAt } from "./explainNobody.ts"
import type { Reason } from "./Explanation.ts"
import { type LimitedType, rateRoom } from "../matching/Limits.ts"
import type { JobGroup } from "../matching/Matching.ts"

const concurrency = (
  { limits, usage: { running } }: LimitedType,
  { type }: JobGroup
): ReadonlyArray<Reason> => {
  const limit = limits.concurrency
  if (limit === null || running < limit) return []
  const sentence = `As many jobs of type ${type} are running as may: ${running} of ${limit} (concurrency).`
  return [{ code: "concurrency", limit, running, sentence }]
}

const perFairnessKey = (
  { limits, usage }: LimitedType,
  { fairnessKey, type }: JobGroup
): ReadonlyArray<Reason> => {
  const limit = limits.perFairnessKey
  const running = usage.ofKeys.get(fairnessKey) ?? 0
  if (limit === null || running < limit) return []
  const whose = fairnessKey === null ? "without a fairness key" : `for ${fairnessKey}`
  const sentence = `As many jobs of type ${type} are running ${whose} as may: ${running} of ${limit} (perFairnessKey).`
  return [{ code: "per-fairness-key", fairnessKey, limit, running, sentence }]
}

const rateLimit = (
  { limits, usage }: LimitedType,
  { type }: JobGroup,
  now: DateTime.Utc
): ReadonlyArray<Reason> => {
  if (limits.rateLimit === null) return []
  const { limit, period } = limits.rateLimit
  const { left, room } = rateRoom(limits.rateLimit, usage.begun, DateTime.toEpochMillis(now))
  if (room > 0) return []
  const roomAt = DateTime.addDuration(now, left)
  const often = `${limit} in ${formatDuration(period)} (rateLimit)`
  const sentence = `As many jobs of type ${type} have begun as may, ${often}: there is room at ${DateTime.formatIso(roomAt)}.`
  return [{ code: "rate-limit", limit, period, roomAt, sentence }]
}

const perWorker = (
  { limits, usage }: LimitedType,
  { type }: JobGroup,
  ability: Ability
): ReadonlyArray<Reason> => {
  const { able } = ability
  const limit = limits.perWorker
  const workers = able.length
  if (limit === null || workers === 0) return []
  if (able.some(({ name }) => (usage.ofWorkers.get(name) ?? 0) < limit)) return []
  const who =
    workers === 1
      ? "The 1 live worker that could take it has"
      : `The ${workers} live workers that could take it have`
  const sentence = `${who} as many jobs of type ${type} as a worker may: ${limit} (perWorker).`
  return ofThoseLookedAt(ability, [{ code: "per-worker", limit, workers, sentence }])
}

/** The limits that leave no room for a job of the group, of what is in use of them at this time. */
export const explainLimits = (
  limited: LimitedType,
  group: JobGroup,
  ability: Ability,
  now: DateTime.Utc
): ReadonlyArray<Reason> => [
  ...concurrency(limited, group),
  ...perFairnessKey(limited, group),
  ...rateLimit(limited, group, now),
  ...perWorker(limited, group, ability)
]
