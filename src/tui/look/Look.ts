/** What the terminal can show, and how things look there: glyphs beside words, and tones that mean something. */
import type { JobStatus } from "../../domain/jobs/Job.ts"

/** What a piece of text means. Never the only sign of it: a glyph or a word says the same. */
export type Tone = "plain" | "strong" | "quiet" | "good" | "bad" | "warn" | "busy" | "waiting" | "key"

/** Signs of one column each. */
export interface Glyphs {
  readonly status: Readonly<Record<JobStatus, string>>
  readonly selected: string
  readonly marked: string
  readonly ascending: string
  readonly descending: string
  readonly ellipsis: string
  readonly full: string
  readonly empty: string
  readonly rule: string
  readonly into: string
  readonly between: string
  readonly on: string
  readonly off: string
  readonly alert: string
  readonly caret: string
  /** From nothing to the most. */
  readonly levels: ReadonlyArray<string>
}

/** What the terminal can show. */
export interface Look {
  readonly isUnicode: boolean
  readonly hasColors: boolean
  readonly glyphs: Glyphs
}

const unicode: Glyphs = {
  status: { scheduled: "◌", pending: "○", processing: "▶", done: "✓", failed: "✗", cancelled: "⊘" },
  selected: "▌",
  marked: "◆",
  ascending: "▲",
  descending: "▼",
  ellipsis: "…",
  full: "█",
  empty: "░",
  rule: "─",
  into: "›",
  between: "·",
  on: "●",
  off: "○",
  alert: "▲",
  caret: "▏",
  levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}

const ascii: Glyphs = {
  status: { scheduled: "~", pending: ".", processing: ">", done: "+", failed: "x", cancelled: "-" },
  selected: ">",
  marked: "*",
  ascending: "^",
  descending: "v",
  ellipsis: "~",
  full: "#",
  empty: ".",
  rule: "-",
  into: ">",
  between: "|",
  on: "*",
  off: "o",
  alert: "!",
  caret: "_",
  levels: [" ", "_", ".", ":", "-", "=", "+", "*", "#"]
}

/** The look of a terminal with these abilities. */
export const lookOf = (isUnicode: boolean, hasColors: boolean): Look => ({
  isUnicode,
  hasColors,
  glyphs: isUnicode ? unicode : ascii
})

const localeOf = (env: Readonly<Record<string, string | undefined>>): string =>
  env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "C"

/** What can be shown, by the environment, as other programs of the terminal judge it. */
export const lookOfEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  platform: string
): Look => {
  const isDumb = env["TERM"] === "dumb"
  const isUnicode = !isDumb && (platform === "win32" || /utf-?8/i.test(localeOf(env)))
  return lookOf(isUnicode, !isDumb && !env["NO_COLOR"])
}

/** How a tone is drawn: of the 16 colours that every terminal has, or by weight alone. */
export interface Drawing {
  readonly color?: string
  readonly bold?: boolean
  readonly dimColor?: boolean
}

const inColors: Readonly<Record<Tone, Drawing>> = {
  plain: {},
  strong: { bold: true },
  quiet: { dimColor: true },
  good: { color: "green" },
  bad: { color: "red", bold: true },
  warn: { color: "yellow" },
  busy: { color: "cyan" },
  waiting: { color: "blue" },
  key: { color: "cyan", bold: true }
}

const byWeight: Readonly<Record<Tone, Drawing>> = {
  plain: {},
  strong: { bold: true },
  quiet: { dimColor: true },
  good: {},
  bad: { bold: true },
  warn: { bold: true },
  busy: {},
  waiting: {},
  key: { bold: true }
}

export const drawingOf = (look: Look, tone: Tone): Drawing => (look.hasColors ? inColors : byWeight)[tone]

/** The tone of a job's status. */
export const toneOfStatus: Readonly<Record<JobStatus, Tone>> = {
  scheduled: "quiet",
  pending: "waiting",
  processing: "busy",
  done: "good",
  failed: "bad",
  cancelled: "warn"
}
