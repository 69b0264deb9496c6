/** How a line of the log is written: for people, or for programs. */
import { Logger } from "effect"

type Entry = ReturnType<(typeof Logger.formatStructured)["log"]>

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

/** One JSON object in a line. The fields stand beside the message, so that a program finds them without digging. */
const toJson = ({ annotations, cause, level, message, timestamp }: Entry): string =>
  JSON.stringify({
    time: timestamp,
    level: level.toLowerCase(),
    message: textOf(message),
    ...annotations,
    cause
  })

const plain = /^[^\s"=]+$/

const toField = ([name, value]: [string, unknown]): string => {
  const text = textOf(value)
  return `${name}=${plain.test(text) ? text : JSON.stringify(text)}`
}

const colors: Readonly<Record<string, number>> = { FATAL: 31, ERROR: 31, WARN: 33, INFO: 32, DEBUG: 34 }
const gray = 90
const paint = (color: number, text: string): string => `\u001B[${color}m${text}\u001B[0m`

/** The time, the level, the message, and then the fields; what caused it is in lines of its own. */
const toPretty =
  (isColored: boolean) =>
  ({ annotations, cause, level, message, timestamp }: Entry): string => {
    const color = isColored ? paint : (_: number, text: string) => text
    const fields = Object.entries(annotations).map(toField)
    return [
      color(gray, timestamp),
      color(colors[level] ?? gray, level.padEnd(5)),
      textOf(message),
      ...(fields.length === 0 ? [] : [color(gray, fields.join(" "))])
    ]
      .join(" ")
      .concat(cause === undefined ? "" : `\n${cause}`)
  }

export const json = Logger.map(Logger.formatStructured, toJson)
export const pretty = (isColored: boolean) => Logger.map(Logger.formatStructured, toPretty(isColored))
