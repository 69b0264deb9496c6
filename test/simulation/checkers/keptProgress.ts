/** What an attempt shows of its progress is what its worker said last, and the next attempt begins where it was. */
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import { canonicalJson, type JsonValue } from "../../../src/domain/Json.ts"
import type { CheckerMaker } from "../Checker.ts"
import { givenBy } from "../facts/StoreWatch.ts"

export const keptProgress: CheckerMaker = {
  name: "progress is kept",
  make: (facts, violated) => {
    /** The data of the last event of a name that is stored of an attempt. */
    const lastOf = (attempt: AttemptId, event: string): string | undefined =>
      facts.state.progress.get(attempt)?.findLast((one) => one.event === event)?.data

    const checkpointOf = (attempts: ReadonlyArray<AttemptId>): string => {
      const said = attempts.map((attempt) => lastOf(attempt, "checkpoint"))
      return said.findLast((data) => data !== undefined) ?? "null"
    }
    const isSame = (checkpoint: JsonValue, said: string): boolean =>
      canonicalJson(checkpoint) === canonicalJson(JSON.parse(said))

    return {
      changed: (change) => {
        const { after, before, id } = change
        const attempt = after?.job.attempt
        if (after === null || attempt == null) return
        const said = checkpointOf(after.attempts.map((one) => one.id))
        if (givenBy(change) !== null && !isSame(attempt.checkpoint, said))
          violated(`${attempt.id} of ${id} does not begin at the checkpoint ${said}`)
        const last = before?.job.attempt
        if (last?.id !== attempt.id || last.mark === attempt.mark) return
        const percent = lastOf(attempt.id, "percent")
        if (attempt.percent !== (percent === undefined ? null : Number(percent)))
          violated(`${attempt.id} has done ${attempt.percent} percent, and said ${percent}`)
        const message = lastOf(attempt.id, "message") ?? null
        if (attempt.message !== message)
          violated(`${attempt.id} shows ${attempt.message}, and said ${message}`)
        if (!isSame(attempt.checkpoint, said)) violated(`${attempt.id} is not at its checkpoint ${said}`)
      },
      saw: (sighting) => {
        if (sighting._tag !== "Assigned") return
        for (const { attempt, job } of sighting.claimed) {
          const kept = facts.state.histories.get(job.id)?.attempts ?? []
          const place = kept.findIndex(({ id }) => id === attempt.id)
          const said = checkpointOf(kept.slice(0, Math.max(0, place)).map(({ id }) => id))
          if (place >= 0 && !isSame(attempt.checkpoint, said))
            violated(`the worker of ${attempt.id} was told another checkpoint than ${said}`)
        }
      }
    }
  }
}
