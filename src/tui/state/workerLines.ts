/** What is said of a worker above its attempts, in lines. */
import { Duration } from "effect"
import type { TypeRecord, Worker } from "../../domain/workers/Worker.ts"
import { describeSkills } from "../../text/describe.ts"
import { formatAge, formatLength, formatUntil } from "../../text/spans.ts"
import { formatCount, millisOf } from "../look/format.ts"
import type { Look } from "../look/Look.ts"
import { standingOf } from "../tables/workers.ts"
import { fact, joined, labelled, type Line } from "./lines.ts"

const recordText = (look: Look, { done, failed, lost, medianRun, type }: TypeRecord): string =>
  joined(
    look,
    `${type}: ${formatCount(done)} done`,
    failed > 0 && `${formatCount(failed)} failed`,
    lost > 0 && `${formatCount(lost)} lost`,
    medianRun !== null && `typically ${formatLength(Duration.toMillis(medianRun))}`
  )

/** What is known of a worker, the most important first. */
export const workerLines = (
  worker: Worker,
  now: number,
  columns: number,
  look: Look
): ReadonlyArray<Line> => {
  const { changedBy, firstSeenAt, lastSeenAt, quarantines, reason, record, skills, types } = worker
  const { sign, tone, word } = standingOf(worker, look)
  const since = `first ${formatAge(millisOf(firstSeenAt), now)} ago`
  const seen = lastSeenAt === null ? "never" : `${formatAge(millisOf(lastSeenAt), now)} ago`
  return [
    labelled(
      "state",
      { text: `${sign} ${word}`, tone },
      { text: [reason === null ? "" : `: ${reason}`, changedBy === null ? "" : `, by ${changedBy}`].join("") }
    ),
    ...quarantines.flatMap(({ type, until }, place) =>
      fact(
        place === 0 ? "kept from" : "",
        `${type}, which ends ${formatUntil(millisOf(until), now)}`,
        columns,
        look,
        "bad"
      )
    ),
    ...fact("seen", joined(look, seen, since), columns, look),
    ...fact("types", types.length === 0 ? "any" : types.join(" "), columns, look),
    ...fact("skills", describeSkills(skills), columns, look),
    ...record.flatMap((ofType, place) =>
      fact(place === 0 ? "record" : "", recordText(look, ofType), columns, look)
    )
  ]
}
