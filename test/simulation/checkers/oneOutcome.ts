/** An attempt ends once, and never otherwise after that; what a worker was told is recorded is what is recorded. */
import type { AttemptRecord } from "../../../src/domain/attempts/Attempt.ts"
import { canonicalJson } from "../../../src/domain/Json.ts"
import type { AttemptId } from "../../../src/domain/Identifiers.ts"
import type { CheckerMaker } from "../Checker.ts"

const outcomes = { Done: "done", Failed: "failed", Released: "released" } as const

const endOf = ({ error, outcome, result }: AttemptRecord): string => canonicalJson([outcome, result, error])

export const oneOutcome: CheckerMaker = {
  name: "no outcome twice",
  make: (facts, violated) => {
    /** What the end of each attempt was, as the store had it first. */
    const ended = new Map<AttemptId, AttemptRecord>()
    return {
      changed: ({ after }) => {
        for (const attempt of after?.attempts.slice(-2) ?? []) {
          if (attempt.endedAt === null) {
            if (ended.has(attempt.id)) violated(`${attempt.id} lives again`)
            continue
          }
          const before = ended.get(attempt.id)
          ended.set(attempt.id, attempt)
          if (before === undefined || before === attempt) continue
          const [was, is] = [endOf(before), endOf(attempt)]
          if (was !== is) violated(`${attempt.id} ended as ${was}, then as ${is}`)
        }
      },
      saw: (sighting) => {
        if (sighting._tag !== "Recorded") return
        const { holding, report } = sighting
        const history = facts.state.histories.get(holding.job)
        if (history === undefined) return
        const attempt = history.attempts.find(({ id }) => id === holding.attempt)
        const said = report._tag === "Done" ? report.result : report._tag === "Failed" ? report.error : null
        const kept = report._tag === "Done" ? attempt?.result : attempt?.error
        if (attempt?.outcome !== outcomes[report._tag]) {
          violated(
            `${holding.attempt} is ${attempt?.outcome ?? "unknown"}, but ${report._tag} was acknowledged`
          )
        } else if (canonicalJson(kept) !== canonicalJson(said)) {
          violated(`${holding.attempt} was acknowledged with another content than is kept`)
        }
      }
    }
  }
}
