/** What workers have said of how their attempts failed, whether anybody has heard it or not. */
import type { AttemptId } from "../../../../src/domain/Identifiers.ts"
import type { WorkerReport } from "../../../../src/domain/attempts/Reporting.ts"
import type { Sighting } from "../../Checker.ts"

type Failure = Extract<WorkerReport, { readonly _tag: "Failed" }>

export class SaidFailures {
  readonly #said = new Map<AttemptId, Array<Failure>>()

  saw(sighting: Sighting): void {
    if (sighting._tag !== "Reports" || sighting.report._tag !== "Failed") return
    const { attempt } = sighting.holding
    const known = this.#said.get(attempt)
    if (known === undefined) this.#said.set(attempt, [sighting.report])
    else known.push(sighting.report)
  }

  of(attempt: AttemptId): ReadonlyArray<Failure> {
    return this.#said.get(attempt) ?? []
  }
}
