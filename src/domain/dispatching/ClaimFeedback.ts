/**
 * What a claim that found fewer jobs than were wanted says about the groups that it looked at: which of them not to ask again
 * for the same kind of worker before there is news (negative caching), and which may have some later.
 */
import { Clock, Effect } from "effect"
import type { Prospect } from "./Backlog.ts"
import type { Claimed, ClaimSource } from "../jobs/Claim.ts"
import { isHeldBack } from "../matching/Limits.ts"
import type { Postponed } from "./Postponed.ts"
import type { Kind, Vacancies, Waiting } from "./Vacancies.ts"

/** A kind of worker, and the groups to claim from for it. */
export interface Asker {
  readonly kind: Kind
  readonly prospect: Prospect
}

/** For whom a claim was made, and `Vacancies.arrivals` when it began. */
interface ClaimedFor {
  readonly chosen: ReadonlyArray<Waiting>
  readonly arrivals: number
}

export const makeClaimFeedback = ({
  postponed,
  vacancies
}: {
  readonly postponed: Postponed
  readonly vacancies: Vacancies
}) =>
  /** Records what the claim found in its sources, for those who were chosen and still wait. */
  Effect.fnUntraced(function* (
    askers: ReadonlyArray<Asker>,
    { arrivals, chosen }: ClaimedFor,
    sources: ReadonlyArray<ClaimSource>,
    { later, reached }: Claimed
  ) {
    const groups = new Map(sources.map(({ group }) => [group.id, group]))
    const isKept = new Set(sources.flatMap(({ better, group }) => (better === null ? [] : [group.id])))
    // A kind of which nobody still waits got all that it wanted, so there may be more for those of it who come next.
    const inVain = Map.groupBy(chosen.filter(vacancies.isWaiting), ({ kind }) => kind)
    for (const { kind, prospect } of askers) {
      const those = inVain.get(kind)
      if (those === undefined) continue
      const workers = new Set(those.map(({ vacancy }) => vacancy.worker))
      // A job may have been kept for somebody who has come while the claim ran.
      const isNew = [...kind.waiting].some(({ arrival }) => arrival > arrivals)
      prospect.askedInVain(
        (group) =>
          groups.has(group.id) &&
          !(isNew && isKept.has(group.id)) &&
          // What a limit holds back is still there, for when there is room and for who has room.
          !isHeldBack(reached, group, workers)
      )
      for (const { id } of prospect.groups) if (isKept.has(id)) kind.keptForBetter.add(id)
    }
    const now = yield* Clock.currentTimeMillis
    for (const { group: id, left } of later) {
      const group = groups.get(id)
      if (group !== undefined) postponed.note(group, left, now)
    }
  })
