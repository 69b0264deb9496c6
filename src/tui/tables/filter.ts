/**
 * The language of filters: words that must all hold. A word is looked for in all that a row says, `key=value` in one field,
 * where `*` stands for anything, and `!` before either means that it must not be so.
 */
import { Option, Schema } from "effect"
import { JobConditions } from "../../domain/jobs/JobConditions.ts"
import type { Row } from "./Table.ts"

export interface Term {
  readonly isInverted: boolean
  /** Null for a word that may stand anywhere. */
  readonly key: string | null
  readonly value: string
}

/** The terms of a filter. A quoted value may contain spaces. */
export const parseFilter = (text: string): ReadonlyArray<Term> =>
  [...text.matchAll(/(!?)(?:([A-Za-z]+)=)?("[^"]*"?|\S+)/g)].flatMap(([, inverted, key, given = ""]) => {
    const value = given.replace(/^"|"$/g, "")
    return value === "" || value === "!" ? [] : [{ isInverted: inverted === "!", key: key ?? null, value }]
  })

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

const holdsIn = ({ isInverted, key, value }: Term): ((row: Row) => boolean) => {
  if (key === null) {
    const wanted = value.toLowerCase()
    return ({ fields }) =>
      Object.values(fields).some(({ text }) => text.toLowerCase().includes(wanted)) !== isInverted
  }
  const pattern = new RegExp(`^${value.split("*").map(escape).join(".*")}$`, "is")
  const name = key.toLowerCase()
  return ({ fields }) => pattern.test(fields[name]?.value ?? fields[name]?.text ?? "") !== isInverted
}

/** Makes the test of whether a row is wanted. */
export const wantedBy = (text: string): ((row: Row) => boolean) => {
  const tests = parseFilter(text).map(holdsIn)
  return (row) => tests.every((test) => test(row))
}

/** Conditions of which none is left open. */
export type Conditions = typeof JobConditions.Type

const decodeConditions = Schema.decodeUnknownOption(JobConditions)

interface Division {
  readonly conditions: Conditions
  /** Whether that is all that the filter says. */
  readonly isWhole: boolean
}

const divide = (text: string): Division => {
  let conditions: Conditions = {}
  let isWhole = true
  for (const { isInverted, key, value } of parseFilter(text)) {
    const name = key === "worker" ? "assignee" : key
    const isOne = !isInverted && name !== null && !value.includes("*") && !(name in conditions)
    const decoded = isOne
      ? decodeConditions({ ...conditions, [name]: value }, { onExcessProperty: "error" })
      : Option.none()
    if (Option.isSome(decoded)) conditions = decoded.value
    else isWhole = false
  }
  return { conditions, isWhole }
}

/** What of a filter the server can look for itself, among all jobs and not only those that were read. */
export const conditionsOf = (text: string): Conditions => divide(text).conditions

/** Whether the server can look for all that the filter says. */
export const isForServer = (text: string): boolean => divide(text).isWhole

/** A filter for this value alone. */
export const termFor = (key: string, value: string): string =>
  `${key}=${/\s/.test(value) ? `"${value}"` : value}`
