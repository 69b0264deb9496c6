/** A job: all that is known of it, above its log. */
import { Text } from "ink"
import { formatCount } from "../look/format.ts"
import { cut, fit, printable } from "../look/text.ts"
import { detailLines } from "../state/details.ts"
import { paneLines } from "../state/layout.ts"
import { placeOf, shownData, type State } from "../state/State.ts"
import { Lines } from "./LineOfText.tsx"
import { Tinted, useLook } from "./LookContext.tsx"

const logTitle = (isFocused: boolean, offset: number): string => {
  const where = offset === 0 ? "following" : `${formatCount(offset)} lines above the end`
  return `Log, ${where}${isFocused ? "" : " (Tab)"}`
}

export const JobPlace = ({ state }: { readonly state: State }) => {
  const look = useLook()
  const { columns } = state.size
  const { page, pageProblem } = shownData(state)
  const place = placeOf(state)
  const [details, log] = place.panes
  const [detailsHeight = 1, logHeight = 1] = paneLines(state)
  if (details === undefined || log === undefined) return null
  if (page?.kind !== "job" || page.job === null) {
    const text = pageProblem === null ? "Reading the job" : `This job could not be read: ${pageProblem}`
    return (
      <Lines
        lines={[[{ text: ` ${text}`, tone: "quiet" }]]}
        columns={columns}
        height={detailsHeight + logHeight + 1}
      />
    )
  }
  const facts = detailLines(page, state.now, columns - 1, look)
  const from = Math.min(details.offset, Math.max(0, facts.length - detailsHeight))
  const lines = page.log.at(-1) === "" ? page.log.slice(0, -1) : page.log
  const back = Math.min(log.offset, Math.max(0, lines.length - logHeight))
  const end = lines.length - back
  const shownLog = lines.slice(Math.max(0, end - logHeight), end)
  const hidden = facts.length - detailsHeight
  const more = hidden > 0 ? `  ${formatCount(hidden)} lines more above` : ""
  const title = fit(` ${logTitle(place.focus === 1, back)}${more} `, columns, look).trimEnd() + " "
  return (
    <>
      <Lines
        lines={facts.slice(from).map((line) => [{ text: " " }, ...line])}
        columns={columns}
        height={detailsHeight}
      />
      <Text wrap="truncate-end">
        <Tinted tone={place.focus === 1 ? "strong" : "quiet"}>{title}</Tinted>
        <Tinted tone="quiet">{look.glyphs.rule.repeat(Math.max(0, columns - title.length - 1))}</Tinted>
      </Text>
      <Lines
        lines={
          shownLog.length === 0
            ? [[{ text: " Nothing has been logged.", tone: "quiet" }]]
            : shownLog.map((text) => [{ text: ` ${cut(printable(text, look), columns - 2, look)}` }])
        }
        columns={columns}
        height={logHeight}
      />
    </>
  )
}
