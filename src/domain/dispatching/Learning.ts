/** What is learnt from a claim that found less than was wanted: who has asked where in vain, and when to ask again. */
import { Clock, Effect } from "effect"
import type { Prospect } from "./Backlog.ts"
import type { Claimed, ClaimSource } from "../jobs/JobRepo.ts"
import { isHeldBack } from "../matching/Limits.ts"
import type { Postponed } from "./Postponed.ts"
import type { Kind, Vacancies, Waiting } from "./Vacancies.ts"

/** A kind of worker, and where there may be jobs for it. */
export interface Asker {
  readonly kind: Kind
  readonly prospect: Prospect
}

/** Those for whom a claim was made, and how many had ever come by then. */
interface Asked {
  readonly chosen: ReadonlyArray<Waiting>
  readonly arrivals: number
}

export const learning = ({
  postponed,
  vacancies
}: {
  readonly postponed: Postponed
  readonly vacancies: Vacancies
}) =>
  /** Takes note of what a claim found nothing more in for those who want more. */
  Effect.fnUntraced(function* (
    askers: ReadonlyArray<Asker>,
    { arrivals, chosen }: Asked,
    sources: ReadonlyArray<ClaimSource>,
    { drained, later, reached }: Claimed
  ) {
    const isDrained = new Set(drained)
    const groups = new Map(sources.map(({ group }) => [group.id, group]))
    const isKept = new Set(sources.flatMap(({ better, group }) => (better === null ? [] : [group.id])))
    // Of a kind all of whom were given what they wanted there may be more to have, for those who have come meanwhile.
    const inVain = Map.groupBy(chosen.filter(vacancies.isWaiting), ({ kind }) => kind)
    for (const { kind, prospect } of askers) {
      prospect.forget(({ id }) => isDrained.has(id))
      const those = inVain.get(kind)
      if (those === undefined) continue
      const workers = new Set(those.map(({ vacancy }) => vacancy.worker))
      // For whoever has come meanwhile a job may have been kept.
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
